// Package hostmem makes the C library keep the memory that XLA's CPU plugin frees.
//
// The plugin allocates its temporary buffers, hundreds of megabytes, anew in every execution. glibc takes blocks of this
// size from the kernel and gives them back at once, and the kernel clears each page again when it is touched: a sixth
// of a DCGAN step. Kept memory stays with the process until it ends.
package hostmem
