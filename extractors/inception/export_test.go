package inception

// SetBatch makes a call of the device take n pictures: most tests have one or three.
func SetBatch(o *Options, n int) { o.batch = n }
