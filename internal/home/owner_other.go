//go:build !unix

package home

import "io/fs"

// ownedByUs is true where files have no owner number: there the temporary directory is the user's own.
func ownedByUs(fs.FileInfo) bool { return true }
