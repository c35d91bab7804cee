// Makes a perf.data of any size without privileges, to measure readers with.
//
//   generate --samples N --chains N --processes N [--forks] [--scatter] [--stacks BYTES]
//            [--depth N] [--seed N] --kallsyms FILE -o FILE BINARY...
//
// Chains grow out of each other as those of a program do: a new one shares its outer frames with
// an earlier one, and three of four differ from it only by call sites inside the same functions.
// Addresses are those of real functions: BINARYs are mapped into every process, each at a place of
// its own, and kernel frames are taken from kallsyms. Records of eight CPUs follow each other in
// rounds, as perf writes them: not in the order of time. With --forks processes live one after the
// other, a few at a time; without, all live from the beginning to the end. With --scatter calls are
// made from anywhere in the binaries, so that nearly all addresses are distinct. With --stacks samples
// carry registers and a stack, as `perf record --call-graph dwarf` keeps them: every word of it is a
// place in the code, so that it can be followed to its end.
#include <elf.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CPUS = 8, BATCH = 256, SITES = 4, MAX_DEPTH = 127, POOL = 1400 };
#define USER_REGISTERS 0xff0fffu  // x86-64's, all but the segments of data
#define CONTEXT_KERNEL ((uint64_t)-128)
#define CONTEXT_USER ((uint64_t)-512)

struct binary { const char *path; uint64_t offset, size, inode; };
struct process { uint32_t pid; uint64_t base; uint64_t *functions; uint64_t born, dies; };
struct chain { uint32_t process; uint16_t kernel, user; uint64_t *ips; };  // leaf first

static uint64_t state = 42;
static FILE *out;
static uint64_t written;
static struct binary binaries[16];
static int binary_count;
static uint64_t kernel_functions[POOL], kernel_text;
static int is_scattered;
static uint64_t stack_size;

static uint64_t random64(void) {  // splitmix64
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}
static uint64_t below(uint64_t n) { return random64() % n; }
static uint64_t skewed(uint64_t n) { return below(below(n) + 1); }  // small numbers more often

static void fail(const char *why, const char *what) {
  fprintf(stderr, "generate: %s: %s\n", what, why);
  exit(2);
}
static void put(const void *bytes, size_t size) {
  if (size && fwrite(bytes, 1, size, out) != size) fail("write error", "output");
  written += size;
}
static void record(uint32_t type, uint16_t misc, const void *body, size_t size) {
  struct { uint32_t type; uint16_t misc, size; } head = {type, misc, (uint16_t)(size + 8)};
  put(&head, 8);
  put(body, size);
}

// The executable segment of a binary.
static struct binary executable(const char *path) {
  FILE *file = fopen(path, "r");
  Elf64_Ehdr head;
  Elf64_Phdr segment;
  struct stat status;
  if (!file || fread(&head, sizeof head, 1, file) != 1) fail("can't be read", path);
  fstat(fileno(file), &status);
  for (int i = 0; i < head.e_phnum; i++) {
    fseek(file, (long)(head.e_phoff + (uint64_t)i * head.e_phentsize), SEEK_SET);
    if (fread(&segment, sizeof segment, 1, file) == 1 && segment.p_type == PT_LOAD
        && segment.p_flags & PF_X) {
      fclose(file);
      uint64_t start = segment.p_offset & ~0xfffu;
      return (struct binary){path, start, segment.p_offset + segment.p_filesz - start,
                             status.st_ino};
    }
  }
  fail("no executable segment", path);
  abort();
}

static void read_kallsyms(const char *path) {
  FILE *file = fopen(path, "r");
  char line[1024], kind;
  uint64_t address, seen = 0;
  if (!file) fail("can't be read", path);
  while (fgets(line, sizeof line, file)) {
    if (sscanf(line, "%" SCNx64 " %c", &address, &kind) != 2 || (kind | 32) != 't') continue;
    if (strstr(line, " _text\n")) kernel_text = address;
    if (strchr(line, '[') || address < kernel_text || !address) continue;
    uint64_t place = seen < POOL ? seen : below(seen + 1);  // reservoir sampling
    if (place < POOL) kernel_functions[place] = address;
    seen++;
  }
  if (seen < POOL) fail("too few text symbols (may this user read addresses?)", path);
  fclose(file);
}

static uint64_t mapped_at(const struct process *p, int binary) {
  return p->base + (uint64_t)binary * 0x10000000;
}
static struct process new_process(uint32_t index) {
  struct process p = {1000 + index, 0x7f0000000000 + (uint64_t)below(1 << 20) * 0x1000, NULL, 0, 0};
  p.functions = malloc(POOL * sizeof *p.functions);
  uint64_t seed = state;
  state = 7;  // all processes run the same code
  for (int i = 0; i < POOL; i++) {
    int b = (int)below((uint64_t)binary_count);
    p.functions[i] = mapped_at(&p, b) + (below(binaries[b].size - 64) & ~15u);
  }
  state = seed;
  return p;
}

static uint64_t call_site(const uint64_t *functions) {
  return functions[skewed(POOL)] + 5 + 7 * below(SITES);
}
// A call in user code.
static uint64_t user_site(const struct process *p) {
  if (!is_scattered) return call_site(p->functions);
  int b = (int)below((uint64_t)binary_count);
  return mapped_at(p, b) + below(binaries[b].size - 64);
}
static int new_depth(int mean) {
  int depth = mean / 2 + (int)below((uint64_t)mean + 1);
  return depth > MAX_DEPTH ? MAX_DEPTH : depth < 1 ? 1 : depth;
}

// A chain of the same process that shares outer frames with an earlier one.
static struct chain grown(const struct chain *from, const struct process *p, int depth) {
  uint64_t ips[2 * MAX_DEPTH];
  struct chain new = *from;
  int nr = from->kernel + from->user;
  if (from->ips && below(4)) {
    memcpy(ips, from->ips, (size_t)nr * 8);
    for (uint64_t i = 0; i <= below(2); i++) ips[below((uint64_t)nr)] += 7 * (1 + below(2));
  } else {
    new.kernel = below(5) < 2 ? (uint16_t)new_depth(depth / 3) : 0;
    new.user = (uint16_t)new_depth(depth * 5 / 6);
    nr = new.kernel + new.user;
    int shared = from->ips ? (int)(from->user - skewed(from->user)) : 0;
    if (shared > new.user) shared = new.user;
    for (int i = 0; i < nr - shared; i++)
      ips[i] = i < new.kernel ? call_site(kernel_functions) : user_site(p);
    if (shared)
      memcpy(ips + nr - shared, from->ips + from->kernel + from->user - shared, (size_t)shared * 8);
  }
  new.ips = malloc((size_t)nr * 8);
  memcpy(new.ips, ips, (size_t)nr * 8);
  return new;
}

static void sample_id(uint64_t *end, const struct process *p, uint64_t time) {
  end[0] = (uint64_t)p->pid << 32 | p->pid;
  end[1] = time;
  end[2] = 0;
}
static void start_process(const struct process *p, uint64_t time, int is_forked) {
  uint64_t body[64] = {0};
  if (is_forked) {
    body[0] = (uint64_t)1 << 32 | p->pid;
    body[1] = body[0];
    body[2] = time;
    sample_id(body + 3, p, time);
    record(7, 0, body, 48);
  }
  memset(body, 0, sizeof body);
  body[0] = (uint64_t)p->pid << 32 | p->pid;
  snprintf((char *)(body + 1), 16, "worker-%u", p->pid % 8);
  sample_id(body + 3, p, time);
  record(3, is_forked ? 1 << 13 : 0, body, 48);
  for (int b = 0; b < binary_count; b++) {
    memset(body, 0, sizeof body);
    body[0] = (uint64_t)p->pid << 32 | p->pid;
    body[1] = mapped_at(p, b);
    body[2] = (binaries[b].size + 0xfff) & ~(uint64_t)0xfff;
    body[3] = binaries[b].offset;
    body[5] = binaries[b].inode;
    body[7] = 2ul << 32 | 5;  // MAP_PRIVATE, PROT_READ | PROT_EXEC
    size_t length = strlen(binaries[b].path) + 1;
    if (length > 256) fail("path too long", binaries[b].path);
    memcpy(body + 8, binaries[b].path, length);
    size_t words = 8 + (length + 7) / 8;
    sample_id(body + words, p, time);
    record(10, 2, body, (words + 3) * 8);
  }
}
static void end_process(const struct process *p, uint64_t time) {
  uint64_t body[6] = {(uint64_t)1 << 32 | p->pid, 0, time};
  body[1] = body[0];
  sample_id(body + 3, p, time);
  record(4, 0, body, 48);
}
// Registers and stack: the instruction pointer is the chain's first user frame, the words of the
// stack are the others, over and over.
static size_t user_state(const struct chain *c, uint64_t *body, size_t n) {
  const uint64_t *user = c->ips + c->kernel;
  body[n++] = 2;  // PERF_SAMPLE_REGS_ABI_64
  for (int i = 0; i < 24; i++) {
    if (!(USER_REGISTERS >> i & 1)) continue;
    body[n++] = i == 8 ? user[0] : i == 6 || i == 7 ? 0x7ffc00000000 : 0;  // rip, rbp, rsp
  }
  body[n++] = stack_size;
  for (uint64_t i = 0; i < stack_size / 8; i++) body[n++] = user[i % c->user];
  body[n++] = stack_size;
  return n;
}
static void sample(const struct chain *c, const struct process *p, uint64_t time, uint64_t cpu) {
  static uint64_t body[(1 << 16) / 8];
  size_t n = 0;
  body[n++] = c->ips[0];
  body[n++] = (uint64_t)p->pid << 32 | p->pid;
  body[n++] = time;
  body[n++] = cpu;
  body[n++] = 250000;
  body[n++] = (uint64_t)(c->kernel + c->user + (c->kernel ? 2 : 1));
  if (c->kernel) body[n++] = CONTEXT_KERNEL;
  memcpy(body + n, c->ips, (size_t)c->kernel * 8);
  n += c->kernel;
  body[n++] = CONTEXT_USER;
  if (stack_size) {
    body[5] -= c->user;
    n = user_state(c, body, n);
  } else {
    memcpy(body + n, c->ips + c->kernel, (size_t)c->user * 8);
    n += c->user;
  }
  record(9, c->kernel ? 1 : 2, body, n * 8);
}

static void file_header(uint64_t data_size) {
  uint64_t attr[18] = {0};
  attr[0] = 128ul << 32 | 1;                          // PERF_TYPE_SOFTWARE, size
  attr[2] = 4000;                                     // Hz
  attr[3] = 1 | 2 | 4 | 1 << 5 | 1 << 7 | 1 << 8;     // IP TID TIME CALLCHAIN CPU PERIOD
  attr[5] = 1 | 1 << 1 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 13 | 1 << 18 | 1 << 23;
  if (stack_size) {
    attr[3] |= 1 << 12 | 1 << 13;                     // REGS_USER STACK_USER
    attr[10] = USER_REGISTERS;
    attr[11] = stack_size;
  }
  uint64_t head[13] = {0};
  memcpy(head, "PERFILE2", 8);
  head[1] = 104;
  head[2] = 144;
  head[3] = 104;
  head[4] = 144;
  head[5] = 104 + 144;
  head[6] = data_size;
  put(head, sizeof head);
  put(attr, sizeof attr);
}

int main(int argc, char **argv) {
  uint64_t samples = 10000, chain_count = 1000, process_count = 4, seed = 42;
  int depth = 40, forks = 0;
  const char *path = NULL, *kallsyms = NULL;
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (!strcmp(argv[i], "--forks")) forks = 1;
    else if (!strcmp(argv[i], "--scatter")) is_scattered = 1;
    else if (!strcmp(argv[i], "--stacks")) stack_size = strtoull(value, NULL, 10) & ~7ull, i++;
    else if (argv[i][0] != '-') {
      if (binary_count == 16) fail("more than 16", "binaries");
      binaries[binary_count++] = executable(argv[i]);
    }
    else if (!strcmp(argv[i], "--samples")) samples = strtoull(value, NULL, 10), i++;
    else if (!strcmp(argv[i], "--chains")) chain_count = strtoull(value, NULL, 10), i++;
    else if (!strcmp(argv[i], "--processes")) process_count = strtoull(value, NULL, 10), i++;
    else if (!strcmp(argv[i], "--depth")) depth = atoi(value), i++;
    else if (!strcmp(argv[i], "--seed")) seed = strtoull(value, NULL, 10), i++;
    else if (!strcmp(argv[i], "--kallsyms")) kallsyms = value, i++;
    else if (!strcmp(argv[i], "-o")) path = value, i++;
    else fail("unknown option", argv[i]);
  }
  if (!path || !kallsyms || !binary_count || !samples || !chain_count || !process_count)
    fail("see the head of generate.c", "usage");
  if (stack_size > 60000) fail("at most 60000", "--stacks");
  if (chain_count > samples) chain_count = samples;
  if (process_count > chain_count) process_count = chain_count;
  state = seed;
  read_kallsyms(kallsyms);
  out = fopen(path, "w");
  if (!out) fail("can't be written", path);
  setvbuf(out, NULL, _IOFBF, 1 << 20);
  file_header(0);
  uint64_t kernel[12] = {(uint64_t)UINT32_MAX, kernel_text, 0x2000000, kernel_text};
  memcpy(kernel + 4, "[kernel.kallsyms]_text", 23);
  record(1, 1, kernel, 80);

  struct process *processes = calloc(process_count, sizeof *processes);
  struct chain *chains = calloc(chain_count, sizeof *chains);
  const uint64_t start = 1000000000, step = 31250, end = start + samples * step + 1;
  for (uint64_t i = 0; i < process_count; i++) {
    processes[i] = new_process((uint32_t)i);
    uint64_t life = forks ? 4 * (end - start) / process_count : end - start;
    processes[i].born = forks ? start + i * ((end - start) / (process_count + 4)) : start;
    processes[i].dies = processes[i].born + life;
    if (!forks) start_process(&processes[i], 0, 0);
  }
  // Each process has a run of chains of its own; how many of them were seen so far grows with time.
  const uint64_t own = chain_count / process_count;
  uint32_t *made = calloc(process_count, sizeof *made);
  uint64_t first = 0, last = forks ? 0 : process_count, done = 0, distinct = 0;
  while (done < samples) {
    for (uint64_t cpu = 0; cpu < CPUS && done < samples; cpu++) {
      for (int i = 0; i < BATCH && done < samples; i++, done++) {
        uint64_t time = start + (done - done % (CPUS * BATCH) + (uint64_t)i * CPUS + cpu) * step;
        while (last < process_count && processes[last].born <= time)
          start_process(&processes[last++], time, 1);
        while (first + 1 < last && processes[first].dies < time)
          end_process(&processes[first++], time);
        uint64_t index = first + below(last - first);
        struct chain *mine = chains + index * own;
        uint64_t left = own - made[index];
        if (!made[index] || (left && below(samples) < chain_count + chain_count / 4)) {
          struct chain none = {(uint32_t)index, 0, 0, NULL};
          const struct chain *from = made[index] ? mine + below(made[index]) : &none;
          mine[made[index]++] = grown(from, &processes[index], depth);
          distinct++;
          sample(&mine[made[index] - 1], &processes[index], time, cpu);
        } else {
          sample(&mine[skewed(made[index])], &processes[index], time, cpu);
        }
      }
    }
    record(68, 0, NULL, 0);  // PERF_RECORD_FINISHED_ROUND
  }
  uint64_t size = written - 104 - 144;
  rewind(out);
  written = 0;
  file_header(size);
  if (fclose(out)) fail("write error", path);
  fprintf(stderr, "%" PRIu64 " samples, about %" PRIu64 " chains, %" PRIu64 " MiB\n", samples,
          distinct, (size + 248) >> 20);
}
