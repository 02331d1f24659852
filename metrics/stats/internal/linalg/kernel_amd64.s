#include "textflag.h"

// The innermost parts of products and reductions, for machines with AVX2 and FMA.

// ROW adds a broadcast element of a times a row of 12 elements of b, in Y0 to Y2, to a row of c.
#define ROW(offset, c0, c1, c2) \
	VBROADCASTSD offset(SI), Y3 \
	VFMADD231PD  Y0, Y3, c0     \
	VFMADD231PD  Y1, Y3, c1     \
	VFMADD231PD  Y2, Y3, c2

// STEP4X12 is one step of k: a row of b times a column of a.
#define STEP4X12(aOffset, bOffset) \
	VMOVUPD bOffset+0(DI), Y0           \
	VMOVUPD bOffset+32(DI), Y1          \
	VMOVUPD bOffset+64(DI), Y2          \
	ROW(aOffset+0, Y4, Y5, Y6)          \
	ROW(aOffset+8, Y7, Y8, Y9)          \
	ROW(aOffset+16, Y10, Y11, Y12)      \
	ROW(aOffset+24, Y13, Y14, Y15)

// ADD12 adds a row of sums to c and goes to its next row.
#define ADD12(c0, c1, c2) \
	VADDPD  (DX), c0, c0   \
	VADDPD  32(DX), c1, c1 \
	VADDPD  64(DX), c2, c2 \
	VMOVUPD c0, (DX)       \
	VMOVUPD c1, 32(DX)     \
	VMOVUPD c2, 64(DX)     \
	ADDQ    BX, DX

// func addMulAVX2(k int, a, b, c *float64, rowStride int)
TEXT ·addMulAVX2(SB), NOSPLIT, $0-40
	MOVQ   k+0(FP), CX
	MOVQ   a+8(FP), SI
	MOVQ   b+16(FP), DI
	MOVQ   c+24(FP), DX
	MOVQ   rowStride+32(FP), BX
	SHLQ   $3, BX
	VXORPD Y4, Y4, Y4
	VXORPD Y5, Y5, Y5
	VXORPD Y6, Y6, Y6
	VXORPD Y7, Y7, Y7
	VXORPD Y8, Y8, Y8
	VXORPD Y9, Y9, Y9
	VXORPD Y10, Y10, Y10
	VXORPD Y11, Y11, Y11
	VXORPD Y12, Y12, Y12
	VXORPD Y13, Y13, Y13
	VXORPD Y14, Y14, Y14
	VXORPD Y15, Y15, Y15
	SUBQ   $4, CX
	JLT    rest

four:
	STEP4X12(0, 0)
	STEP4X12(32, 96)
	STEP4X12(64, 192)
	STEP4X12(96, 288)
	ADDQ $128, SI
	ADDQ $384, DI
	SUBQ $4, CX
	JGE  four

rest:
	ADDQ $4, CX
	JEQ  done

one:
	STEP4X12(0, 0)
	ADDQ $32, SI
	ADDQ $96, DI
	DECQ CX
	JNE  one

done:
	ADD12(Y4, Y5, Y6)
	ADD12(Y7, Y8, Y9)
	ADD12(Y10, Y11, Y12)
	ADD12(Y13, Y14, Y15)
	VZEROUPPER
	RET

// EACH8 does something for each of the 8 registers that hold a row of 32 elements.
#define EACH8(DO) \
	DO(0, Y0)   \
	DO(32, Y1)  \
	DO(64, Y2)  \
	DO(96, Y3)  \
	DO(128, Y4) \
	DO(160, Y5) \
	DO(192, Y6) \
	DO(224, Y7)

#define LOAD(offset, r) VMOVUPD offset(DI), r
#define STORE(offset, r) VMOVUPD r, offset(DI)

// COLLECT adds a row of m times Y8 to the registers.
#define COLLECT(offset, r) VFMADD231PD offset(DX), Y8, r

// SPREAD adds the registers times Y8 to a row of m.
#define SPREAD(offset, r) \
	VMOVUPD     offset(DX), Y9 \
	VFMADD231PD r, Y8, Y9      \
	VMOVUPD     Y9, offset(DX)

// func addRowsAVX2(w, v, m *float64, rows, stride int)
TEXT ·addRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ  w+0(FP), DI
	MOVQ  v+8(FP), SI
	MOVQ  m+16(FP), DX
	MOVQ  rows+24(FP), CX
	MOVQ  stride+32(FP), BX
	SHLQ  $3, BX
	EACH8(LOAD)
	TESTQ CX, CX
	JLE   done

row:
	VBROADCASTSD (SI), Y8
	EACH8(COLLECT)
	ADDQ         $8, SI
	ADDQ         BX, DX
	DECQ         CX
	JNE          row

done:
	EACH8(STORE)
	VZEROUPPER
	RET

// func addToRowsAVX2(w, v, m *float64, rows, stride int)
TEXT ·addToRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ  w+0(FP), DI
	MOVQ  v+8(FP), SI
	MOVQ  m+16(FP), DX
	MOVQ  rows+24(FP), CX
	MOVQ  stride+32(FP), BX
	SHLQ  $3, BX
	EACH8(LOAD)
	TESTQ CX, CX
	JLE   done

row:
	VBROADCASTSD (SI), Y8
	EACH8(SPREAD)
	ADDQ         $8, SI
	ADDQ         BX, DX
	DECQ         CX
	JNE          row

done:
	VZEROUPPER
	RET

// func reflectRowsAVX2(v *float64, factor float64, m *float64, rows, stride int)
TEXT ·reflectRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ   v+0(FP), DI
	VMOVSD factor+8(FP), X15
	MOVQ   m+16(FP), DX
	MOVQ   rows+24(FP), CX
	MOVQ   stride+32(FP), BX
	SHLQ   $3, BX
	EACH8(LOAD)
	TESTQ  CX, CX
	JLE    done

row:
	// X8 becomes the scalar product of the row with v.
	VMULPD       (DX), Y0, Y8
	VMULPD       32(DX), Y1, Y9
	VMULPD       64(DX), Y2, Y10
	VMULPD       96(DX), Y3, Y11
	VFMADD231PD  128(DX), Y4, Y8
	VFMADD231PD  160(DX), Y5, Y9
	VFMADD231PD  192(DX), Y6, Y10
	VFMADD231PD  224(DX), Y7, Y11
	VADDPD       Y9, Y8, Y8
	VADDPD       Y11, Y10, Y10
	VADDPD       Y10, Y8, Y8
	VEXTRACTF128 $1, Y8, X9
	VADDPD       X9, X8, X8
	VHADDPD      X8, X8, X8
	VMULSD       X15, X8, X8
	VBROADCASTSD X8, Y8
	EACH8(SPREAD)
	ADDQ         BX, DX
	DECQ         CX
	JNE          row

done:
	VZEROUPPER
	RET
