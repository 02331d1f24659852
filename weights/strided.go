package weights

// gather appends to out the elements, of size bytes each, of a strided view of data: element 0 begins at byte first, and
// stride holds the bytes from one index of an axis to the next. The last axis of shape comes fastest in out. The caller
// has checked that the view lies in data.
func gather(out, data []byte, first int, shape, stride []int, size int) []byte {
	for _, n := range shape {
		if n == 0 {
			return out
		}
	}
	run, axes := size, len(shape) // bytes that lie in data as they will in out
	for axes > 0 && (shape[axes-1] == 1 || stride[axes-1] == run) {
		axes--
		run *= shape[axes]
	}
	index, from := make([]int, axes), first
	for {
		out = append(out, data[from:from+run]...)
		axis := axes - 1
		for ; axis >= 0; axis-- {
			index[axis]++
			from += stride[axis]
			if index[axis] < shape[axis] {
				break
			}
			from -= index[axis] * stride[axis]
			index[axis] = 0
		}
		if axis < 0 {
			return out
		}
	}
}
