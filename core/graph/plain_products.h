#pragma once

#include "core/graph/quantization_rewriter.h"

namespace core::plain {

// com.microsoft's products of codes, as ONNX writes them. Source: ONNX Runtime, docs/ContribOperators.md.

/// A · dequantized(B)ᵀ + bias; B [N, blocks, bytes] holds K codes a row, scales and zero points by block.
void matMulNBits(QuantizationRewriter& r);
/// Rows of a table of codes in blocks.
void gatherBlockQuantized(QuantizationRewriter& r);
/// A quantized by its own range, times codes B.
void dynamicQuantizeMatMul(QuantizationRewriter& r);
/// Codes A times codes B, as reals.
void matMulIntegerToFloat(QuantizationRewriter& r);
/// Only that which gives reals: with codes out it is read as it is.
void qGemm(QuantizationRewriter& r);
/// Attention of codes: input, weights, bias, scales, mask, zero points, past.
void qAttention(QuantizationRewriter& r);

} // namespace core::plain
