//go:build !(cgo && linux)

package pjrtcache

// Register always returns [ErrUnsupported].
func Register(path, dir string) error { return ErrUnsupported }
