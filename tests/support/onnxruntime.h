#pragma once

#include "io/verify/onnx_runtime.h"

#include <gtest/gtest.h>

/// Names `variable` and skips the test visibly when ONNX Runtime is not installed.
#define NOISEFLOOR_ONNXRUNTIME_OR_SKIP(variable)                                                             \
    const auto variable##Found = io::findOnnxRuntime();                                                      \
    if (!variable##Found) {                                                                                  \
        GTEST_SKIP() << "ONNX Runtime is not installed: resources/onnxruntime/install.sh does it";           \
    }                                                                                                        \
    const io::OnnxRuntime& variable = *variable##Found
