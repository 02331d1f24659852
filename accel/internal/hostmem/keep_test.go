//go:build linux && cgo

package hostmem

import (
	"os"
	"syscall"
	"testing"
)

// TestKeptMemoryIsNotFaultedInAgain allocates what a step of XLA needs, twice: the second time no page is new.
func TestKeptMemoryIsNotFaultedInAgain(t *testing.T) {
	if os.Getenv("GLIBC_TUNABLES") != "" {
		t.Skip("GLIBC_TUNABLES is set: Keep leaves malloc alone")
	}
	if !Keep() {
		t.Skip("the C library is not glibc")
	}
	const bytes = 256 << 20
	first := faultsOf(t, func() { touch(bytes) })
	second := faultsOf(t, func() { touch(bytes) })
	if first < bytes/4096/600 { // in pages of 2 MiB at the most
		t.Errorf("the first touch of %d bytes faulted %d times: the test measures nothing", bytes, first)
	}
	if second > bytes/4096/20 {
		t.Errorf("the second touch of %d bytes faulted %d times, the first %d: memory was given back", bytes, second, first)
	}
}

func faultsOf(t *testing.T, f func()) int64 {
	t.Helper()
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		t.Fatal(err)
	}
	f()
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		t.Fatal(err)
	}
	return after.Minflt - before.Minflt
}
