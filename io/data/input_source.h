#pragma once

#include "core/tensor/dataset.h"
#include "io/data/description.h"

#include <memory>
#include <optional>
#include <string>

namespace io {

/// What the model says about an input, after --shape; dimensions may be dynamic.
struct InputSpec
{
    std::string name;
    core::DataType type = core::DataType::Float32;
    core::Shape shape;
    bool hasShape = false;
    bool isRead = true; ///< false: nothing in the model needs it, so that it goes without data
    std::vector<std::string> dimensionNames = {}; ///< by axis, as in core::Value

    /// "[batch, 4]", "1x3x?", "any shape".
    [[nodiscard]] std::string shapeText() const
    {
        return hasShape ? core::toString(shape, dimensionNames) : "any shape";
    }
};

/// Where the items of one input come from. An item is one entry along the batch axis, or, when its rank is
/// that of the input, a whole sample. Several threads may load.
class InputSource
{
public:
    virtual ~InputSource() = default;
    /// Number of items; none where the same item serves every sample.
    [[nodiscard]] virtual std::optional<std::size_t> size() const = 0;
    [[nodiscard]] virtual core::Tensor load(std::size_t index) const = 0;
    [[nodiscard]] virtual std::string itemName(std::size_t index) const
    {
        return "#" + std::to_string(index);
    }
    [[nodiscard]] virtual std::optional<core::Picture> picture(std::size_t) const { return std::nullopt; }
    [[nodiscard]] virtual bool startsSequence(std::size_t index) const { return index == 0; }
    [[nodiscard]] virtual bool isSynthetic() const { return false; }
    [[nodiscard]] virtual std::string fingerprint() const = 0;
};

using InputSourcePtr = std::shared_ptr<const InputSource>;

/// JPEG, PNG and BMP files of a folder in byte order, or one file.
[[nodiscard]] InputSourcePtr openImages(const InputDescription& input, const Preprocess& preprocess,
                                        const InputSpec& spec);

/// An HDF5 dataset, .npy or array of an .npz; its first axis counts the items. Preprocessing applies to
/// image-like items (HxWxC, CxHxW; HxW with color GRAY); others only take mean and std.
[[nodiscard]] InputSourcePtr openArray(const InputDescription& input, const Preprocess& preprocess,
                                       const InputSpec& spec);

/// WAV recordings (a file, or a folder in byte order) mixed down to mono in −1…1, cut into windows of
/// context + window values every `hop`; before the start and past the end lies silence.
[[nodiscard]] InputSourcePtr openAudio(const InputDescription& input, const InputSpec& spec);

/// The given values, or one for all elements.
[[nodiscard]] InputSourcePtr makeConstant(const InputDescription& input, const InputSpec& spec);

/// The initial value of a state that is fed back.
[[nodiscard]] InputSourcePtr makeState(const InputDescription& input, const InputSpec& spec);

/// Seeded numbers, about normal with mean 0 and variance 1 (12 uniform ones added up, so equal on every
/// machine); 0 or 1 where the input takes integers.
[[nodiscard]] InputSourcePtr makeRandom(const InputDescription& input, const InputSpec& spec);

/// The source that the description names.
[[nodiscard]] InputSourcePtr openInput(const InputDescription& input, const Preprocess& preprocess,
                                       const InputSpec& spec);

/// The input's axes of one item (without the batch axis); none when its shape is unknown.
[[nodiscard]] std::optional<core::Shape> itemShape(const InputSpec& spec);

/// Where the model has the channel axis of its images: last only when that is the one with 1 or 3 channels.
[[nodiscard]] ChannelOrder channelOrder(const InputSpec& spec);

/// Name without its folder, size and modification time.
[[nodiscard]] std::string fileFingerprint(const std::filesystem::path& path);

/// Files of a folder that `wanted` accepts, in byte order of their names; the file itself when `path` is one.
/// Throws core::Error when the path does not exist or nothing is found, saying `what` was looked for.
[[nodiscard]] std::vector<std::filesystem::path> filesAt(const std::filesystem::path& path,
                                                         bool (*wanted)(const std::filesystem::path&),
                                                         std::string_view what);

} // namespace io
