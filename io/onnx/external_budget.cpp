#include "io/onnx/external_budget.h"

#include "core/base/error.h"
#include "io/onnx/onnx_tensor.h"

#include <algorithm>
#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

namespace io {

using core::Error;
using core::ErrorKind;

namespace {

double externalBytes(const onnx::GraphProto& graph, std::size_t& count)
{
    double bytes = 0.0;
    const auto add = [&](const onnx::TensorProto& tensor) {
        const double own = externalBytesOf(tensor);
        count += own > 0.0;
        bytes += own;
    };
    std::ranges::for_each(graph.initializer(), add);
    for (const auto& node : graph.node()) {
        for (const auto& attribute : node.attribute()) {
            if (attribute.has_t()) {
                add(attribute.t());
            }
            if (attribute.has_g()) {
                bytes += externalBytes(attribute.g(), count);
            }
        }
    }
    return bytes;
}

} // namespace

void requireMemoryForExternalData(const onnx::GraphProto& graph)
{
    std::size_t count = 0;
    const double bytes = externalBytes(graph, count);
    const double memory =
        static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE));
    if (bytes > memory) {
        throw Error(
            ErrorKind::OutOfBudget,
            fmt::format(
                "its {} tensors of external data need {:.1f} GB together, this computer has {:.1f} GB", count,
                bytes / 1e9, memory / 1e9));
    }
}

} // namespace io
