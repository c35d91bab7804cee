// The floor of every folder of stacks: walks the records of a perf.data and counts the distinct
// (process, call chain) pairs. No symbols, no names, no output but the counts.
//
//   floor FILE          counts
//   floor --walk FILE   reads the records' headers only
//
// One event, little endian, uncompressed: what Benchmarks/ makes.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { IP = 1 << 0, TID = 1 << 1, TIME = 1 << 2, ADDR = 1 << 3, READ = 1 << 4, CALLCHAIN = 1 << 5,
       ID = 1 << 6, CPU = 1 << 7, PERIOD = 1 << 8, STREAM_ID = 1 << 9, IDENTIFIER = 1 << 16 };
enum { RECORD_SAMPLE = 9, RECORD_AUXTRACE = 71 };

struct header { uint32_t type; uint16_t misc, size; };
struct slot { uint64_t hash; const uint64_t *chain; uint32_t pid, nr; };

static struct slot *slots;
static size_t mask, used;

static uint64_t hash(uint64_t h, const uint64_t *chain, uint64_t nr) {
  for (uint64_t i = 0; i < nr; i++) {
    unsigned __int128 p = (unsigned __int128)(h ^ chain[i]) * 0x9e3779b97f4a7c15u;
    h = (uint64_t)(p >> 64) ^ (uint64_t)p;
  }
  return h;
}

static void grow(void) {
  struct slot *old = slots;
  size_t size = mask + 1;
  mask = size * 2 - 1;
  slots = calloc(size * 2, sizeof *slots);
  for (size_t i = 0; i < size; i++) {
    if (!old[i].chain) continue;
    size_t at = old[i].hash & mask;
    while (slots[at].chain) at = (at + 1) & mask;
    slots[at] = old[i];
  }
  free(old);
}

static void count(uint32_t pid, const uint64_t *chain, uint32_t nr) {
  uint64_t h = hash(pid + 1, chain, nr);
  size_t at = h & mask;
  for (; slots[at].chain; at = (at + 1) & mask)
    if (slots[at].hash == h && slots[at].pid == pid && slots[at].nr == nr
        && !memcmp(slots[at].chain, chain, nr * 8))
      return;
  slots[at] = (struct slot){h, chain, pid, nr};
  if (++used * 2 > mask) grow();
}

int main(int argc, char **argv) {
  int only_walk = argc == 3 && !strcmp(argv[1], "--walk");
  int fd = argc > 1 ? open(argv[argc - 1], O_RDONLY) : -1;
  struct stat st;
  if (fd < 0 || fstat(fd, &st)) return fprintf(stderr, "floor: no such file\n"), 2;
  const char *file = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  const uint64_t *head = (const uint64_t *)file;
  const uint64_t type = *(const uint64_t *)(file + head[3] + 24);  // attrs.offset, sample_type
  const char *at = file + head[5], *end = at + head[6];            // data.offset, data.size
  uint64_t fixed = 8 * __builtin_popcountll(
      type & (IDENTIFIER | IP | TID | TIME | ADDR | ID | STREAM_ID | CPU | PERIOD));
  uint64_t pid_at = 8 * __builtin_popcountll(type & (IDENTIFIER | IP));
  uint64_t samples = 0;
  if (type & READ) return fprintf(stderr, "floor: counters in samples\n"), 2;
  mask = 4095;
  slots = calloc(mask + 1, sizeof *slots);
  while (end - at >= 8) {
    const struct header *h = (const struct header *)at;
    if (h->size < 8) return fprintf(stderr, "floor: damaged\n"), 2;
    if (h->type == RECORD_SAMPLE) {
      samples++;
      if (!only_walk) {
        const uint64_t *chain = (const uint64_t *)(at + 8 + fixed);
        count(*(const uint32_t *)(at + 8 + pid_at), chain + 1, (uint32_t)chain[0]);
      }
    }
    at += h->size;
    if (h->type == RECORD_AUXTRACE) at += *(const uint64_t *)(h + 1);
  }
  printf("%lu samples, %zu distinct chains\n", samples, used);
}
