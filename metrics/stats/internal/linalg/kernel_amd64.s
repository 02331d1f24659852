#include "textflag.h"

// The kernels of products, for machines with AVX2 and FMA, and with AVX-512.

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

// ROW24 is ROW for 24 elements of b, in Z0 to Z2.
#define ROW24(offset, c0, c1, c2) \
	VFMADD231PD.BCST offset(SI), Z0, c0 \
	VFMADD231PD.BCST offset(SI), Z1, c1 \
	VFMADD231PD.BCST offset(SI), Z2, c2

#define STEP8X24(aOffset, bOffset) \
	VMOVUPD bOffset+0(DI), Z0       \
	VMOVUPD bOffset+64(DI), Z1      \
	VMOVUPD bOffset+128(DI), Z2     \
	ROW24(aOffset+0, Z8, Z9, Z10)   \
	ROW24(aOffset+8, Z11, Z12, Z13) \
	ROW24(aOffset+16, Z14, Z15, Z16) \
	ROW24(aOffset+24, Z17, Z18, Z19) \
	ROW24(aOffset+32, Z20, Z21, Z22) \
	ROW24(aOffset+40, Z23, Z24, Z25) \
	ROW24(aOffset+48, Z26, Z27, Z28) \
	ROW24(aOffset+56, Z29, Z30, Z31)

#define ADD24(c0, c1, c2) \
	VADDPD  (DX), c0, c0    \
	VADDPD  64(DX), c1, c1  \
	VADDPD  128(DX), c2, c2 \
	VMOVUPD c0, (DX)        \
	VMOVUPD c1, 64(DX)      \
	VMOVUPD c2, 128(DX)     \
	ADDQ    BX, DX

#define ZERO3(c0, c1, c2) \
	VPXORQ c0, c0, c0 \
	VPXORQ c1, c1, c1 \
	VPXORQ c2, c2, c2

// func addMulAVX512(k int, a, b, c *float64, rowStride int)
TEXT ·addMulAVX512(SB), NOSPLIT, $0-40
	MOVQ k+0(FP), CX
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DI
	MOVQ c+24(FP), DX
	MOVQ rowStride+32(FP), BX
	SHLQ $3, BX
	ZERO3(Z8, Z9, Z10)
	ZERO3(Z11, Z12, Z13)
	ZERO3(Z14, Z15, Z16)
	ZERO3(Z17, Z18, Z19)
	ZERO3(Z20, Z21, Z22)
	ZERO3(Z23, Z24, Z25)
	ZERO3(Z26, Z27, Z28)
	ZERO3(Z29, Z30, Z31)
	SUBQ $2, CX
	JLT  rest

two:
	STEP8X24(0, 0)
	STEP8X24(64, 192)
	ADDQ $128, SI
	ADDQ $384, DI
	SUBQ $2, CX
	JGE  two

rest:
	ADDQ $2, CX
	JEQ  done
	STEP8X24(0, 0)

done:
	ADD24(Z8, Z9, Z10)
	ADD24(Z11, Z12, Z13)
	ADD24(Z14, Z15, Z16)
	ADD24(Z17, Z18, Z19)
	ADD24(Z20, Z21, Z22)
	ADD24(Z23, Z24, Z25)
	ADD24(Z26, Z27, Z28)
	ADD24(Z29, Z30, Z31)
	VZEROUPPER
	RET
