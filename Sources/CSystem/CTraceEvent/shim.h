#include <event-parse.h>
