// Package house holds tests about the repository as a whole: who may import whom, and whether README.md is true.
package house
