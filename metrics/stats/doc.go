// Package stats holds what a score is: a value that carries how it was made. It links no GoMLX, so that a program
// that only shows scores stays small.
package stats
