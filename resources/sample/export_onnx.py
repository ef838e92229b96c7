"""The network as ONNX, opset 13, with readable names; BatchNormalization stays so that folding can be seen."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    def __init__(self):
        self.nodes, self.initializers = [], []

    def constant(self, name, value):
        array = np.ascontiguousarray(value, dtype=np.float32)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind, name, inputs, output=None, **attributes):
        output = output or name + ":0"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=name, **attributes))
        return output

    def activation(self, kind, name, x):
        if kind == "relu":
            return self.node("Relu", name + "/relu", [x])
        if kind == "relu6":
            return self.node("Clip", name + "/relu6", [x, "zero", "six"])
        return x

    def unit(self, unit, x):
        name, conv, norm = unit.name, unit.conv, unit.norm
        x = self.node("Conv", name, [x, self.constant(name + "/weight", conv.weight.detach())],
                      kernel_shape=list(conv.kernel_size), strides=list(conv.stride),
                      pads=[conv.padding[0]] * 4, group=conv.groups)
        parameters = [self.constant(f"{name}/norm/{part}", value.detach()) for part, value in (
            ("scale", norm.weight), ("bias", norm.bias), ("mean", norm.running_mean), ("variance", norm.running_var))]
        x = self.node("BatchNormalization", name + "/norm", [x] + parameters, epsilon=norm.eps)
        return self.activation(unit.activation, name, x)


def export(network, side, path):
    graph = Graph()
    graph.constant("zero", 0.0)
    graph.constant("six", 6.0)
    x = "image"
    for unit in network.units():
        shortcut = x if unit is network.depthwise3 else (shortcut if unit.name.startswith("block3") else None)
        x = graph.unit(unit, x)
        if unit is network.pointwise3:
            x = graph.activation("relu", "block3", graph.node("Add", "block3/add", [shortcut, x]))
    x = graph.node("GlobalAveragePool", "pool", [x])
    x = graph.node("Flatten", "flatten", [x], axis=1)
    linear = network.classifier
    graph.node("Gemm", "classifier", [x, graph.constant("classifier/weight", linear.weight.detach()),
                                      graph.constant("classifier/bias", linear.bias.detach())], "logits", transB=1)

    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "digits",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, side, side])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 10])], graph.initializers),
        producer_name="noisefloor-sample", opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model)
    onnx.save(model, path)
