#pragma once

namespace onnx {
class ModelProto;
}

namespace io {

/// Replaces every node that calls one of the model's own functions by the nodes of its body, as ONNX says:
/// inputs and outputs by position, ref attributes by those of the call, functions within functions and within
/// subgraphs too. Values and nodes of a body get the name of the call and a slash in front. Operators that
/// are known here stay calls. Throws core::Error(InvalidModel) for a function that calls itself and one whose
/// call does not fit, core::Error(OutOfBudget) past a million nodes.
void inlineLocalFunctions(onnx::ModelProto& model);

} // namespace io
