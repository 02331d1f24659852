package accel

import (
	"github.com/gogan-ml/gogan/accel/internal/pjrtcache"
	"github.com/gogan-ml/gogan/internal/home"
)

// CacheDir returns the directory of compiled programs. It need not exist.
func CacheDir() string { return home.Join("compiled") }

// CacheStats counts what the cache of compiled programs did in this process, over all devices.
type CacheStats struct {
	Hits    int // programs loaded from disk
	Misses  int // programs compiled
	Damaged int // files that could not be used; their programs were compiled, so they count as misses too
	Stored  int // compiled programs written to disk

	LoadSeconds    float64 // time spent in hits
	CompileSeconds float64 // time XLA spent compiling in misses

	LastError string // why the latest program was not kept or not loaded, "" if never
}

// ReadCacheStats returns the counts so far. With the cache off, or on pure Go, they are all zero.
func ReadCacheStats() CacheStats { return CacheStats(pjrtcache.Read()) }
