#include <lzma.h>

// A macro of casts, which Swift doesn't import.
static inline lzma_stream ukl_lzma_stream_init(void)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	return stream;
}
