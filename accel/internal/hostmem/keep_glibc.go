//go:build linux && cgo

package hostmem

/*
#include <malloc.h>
#include <stdlib.h>

// Settings of the user's own win over ours.
static int users_own(void) {
  return getenv("GLIBC_TUNABLES") != NULL || getenv("MALLOC_ARENA_MAX") != NULL || getenv("MALLOC_MMAP_MAX_") != NULL ||
         getenv("MALLOC_MMAP_THRESHOLD_") != NULL || getenv("MALLOC_TRIM_THRESHOLD_") != NULL;
}

#ifdef __GLIBC__
// Arenas other than the first hold no block above 64 MiB. Their number can only be bounded before threads have some,
// so this runs when the program is loaded; what costs memory waits for keep.
__attribute__((constructor)) static void one_arena(void) {
  if (!users_own()) mallopt(M_ARENA_MAX, 1);
}

static int keep(void) {
  return !users_own() && mallopt(M_MMAP_MAX, 0) && mallopt(M_TRIM_THRESHOLD, 0x7fffffff) && mallopt(M_TOP_PAD, 64 << 20);
}
#else
static int keep(void) { return 0; }
#endif

static void touch(size_t bytes) {
  char *p = malloc(bytes);
  for (size_t i = 0; p != NULL && i < bytes; i += 4096) ((volatile char *)p)[i] = 1;
  free(p);
}
*/
import "C"

// Keep makes freed memory stay with the process from now on, and reports whether it does: not without glibc, and not
// if the environment already configures glibc's malloc.
func Keep() bool { return C.keep() != 0 }

// touch allocates memory, writes to every page of it, and frees it.
func touch(bytes int) { C.touch(C.size_t(bytes)) }
