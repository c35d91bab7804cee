internal import CMalloc
import Glibc

/// Has the memory that the program allocates come in huge pages.
///
/// A page fault takes a microsecond or two on a virtual machine, and a run takes thousands, most of
/// them for tables that grow and are thrown away. Here the heap grows at once by what a recording of
/// 1 GB needs, without taking memory before it is used, and keeps what was freed; all threads share it.
/// A kernel that has no huge pages, or a limit on memory, makes it an ordinary heap.
enum HeapPages {
  /// Bytes of the heap that come in huge pages.
  private static let count = 192 << 20
  private static let pageSize = 2 << 20

  /// To be called before anything is allocated that lasts.
  static func prepare() {
    guard mallopt(M_MMAP_THRESHOLD, 32 << 20) == 1, mallopt(M_TRIM_THRESHOLD, .max) == 1,
      mallopt(M_TOP_PAD, CInt(count)) == 1, mallopt(M_ARENA_MAX, 1) == 1
    else { return }
    // More than there is yet, so that the heap grows and goes on behind it for that many bytes.
    let block = malloc(1 << 20)
    // Where so much was not to be had, what comes next must not ask for it again.
    _ = mallopt(M_TOP_PAD, 1 << 20)
    guard let block else { return }
    let start = (Int(bitPattern: block) + pageSize - 1) / pageSize * pageSize
    // Where that fails, pages are small.
    madvise(.init(bitPattern: start), count - pageSize, MADV_HUGEPAGE)
    free(block)
  }
}
