#pragma once

#include <array>
#include <gtest/gtest.h>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace models {

/// A model of the shared folder with the data that goes with it.
struct Model
{
    const char* name;
    const char* model; ///< below models/
    const char* data; ///< below data/
};

inline void PrintTo(const Model& m, std::ostream* out) { *out << m.name; }

/// Convolutional networks; the classifiers come first.
inline constexpr std::array kConvolutional{
    Model{"resnet20_simplified", "cifar10_resnet/cifar10_resnet20_simplified.onnx",
          "cifar10_resnet20_simplified.data.json"},
    Model{"resnet20", "cifar10_resnet/cifar10_resnet20.onnx", "cifar10_resnet20.data.json"},
    Model{"resnet32_bn", "cifar10_resnet/cifar10_resnet32_bn.onnx", "cifar10_resnet32_bn.data.json"},
    Model{"resnet8", "mlcommons_tiny/pretrainedResnet.onnx", "resnet8.data.json"},
    Model{"resnet8_large", "mlcommons_tiny/pretrainedResnet_large_float.onnx", "resnet8_large.data.json"},
    Model{"mnist_cntk", "mnist_cntk/mnist.onnx", "mnist_cntk.data.json"},
    Model{"kws_dscnn", "mlcommons_tiny/kws_ref_model_float32.onnx", "kws_dscnn.data.json"},
    Model{"squeezenet", "squeezenet1.1_winml/squeezenet_fp32.onnx", "squeezenet1.1.data.json"},
    Model{"mobilenet_v1", "mobilenet_v1_0.25_224/mobilenet_v1_0.25_224_1_default_1.onnx",
          "mobilenet_v1_0.25_224.data.json"},
    Model{"mobilenet_v1_keras", "mobilenet_v1_0.25_128_keras/mobilenet_v1_0.25_128_keras_bn.onnx",
          "mobilenet_v1_0.25_128_keras.data.json"},
    Model{"mobilenet_v2", "mobilenet_v2_1.0_224_tf2ptq/tf2_mobilenet_v2_1.0_224_ptq.onnx",
          "mobilenet_v2_1.0_224.data.json"},
    Model{"vww", "mlcommons_tiny/vww_96_float.onnx", "vww_mobilenet.data.json"},
    Model{"ppocr_det", "ppocr_v4/ch_PP-OCRv4_det_infer.onnx", "ppocr_det.data.json"},
    Model{"ppocr_rec", "ppocr_v4/ch_PP-OCRv4_rec_infer.onnx", "ppocr_rec.data.json"},
    Model{"ppocr_cls", "ppocr_v4/ch_ppocr_mobile_v2.0_cls_infer.onnx", "ppocr_cls.data.json"},
    Model{"ultraface_rfb", "ultraface/Ultraface.version-RFB-320.onnx", "ultraface_rfb320.data.json"},
    Model{"ultraface_slim", "ultraface/version-slim-320.onnx", "ultraface_slim320.data.json"}};

/// The labelled classifiers that exports are run with.
inline auto classifiers()
{
    constexpr std::size_t kCount = 11;
    return testing::ValuesIn(kConvolutional.begin(), kConvolutional.begin() + kCount);
}

inline Model named(std::string_view name)
{
    for (const Model& model : kConvolutional) {
        if (name == model.name) {
            return model;
        }
    }
    throw std::invalid_argument("no shared model of that name");
}

inline std::string nameOf(const testing::TestParamInfo<Model>& info) { return info.param.name; }

} // namespace models
