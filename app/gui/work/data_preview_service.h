#pragma once

#include "io/data/data_preview.h"
#include "io/data/description.h"
#include "io/onnx/onnx_reader.h"
#include "views/base/jobs.h"

#include <QObject>
#include <QString>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace app {

/// What one sample of a data set looks like to the network, or why it cannot be read.
struct DataPreview
{
    std::optional<io::DataDescription> description; ///< none when it could not be read at all
    std::vector<io::InputPreview> inputs;
    std::size_t samples = 0;
    std::size_t index = 0; ///< of the sample shown
    std::string sampleName;
    std::vector<std::string> warnings;
    std::string problem; ///< one sentence; empty when all is well
};

/// Reads data off the UI thread; the newest request wins.
class DataPreviewService : public QObject
{
    Q_OBJECT

public:
    struct Request
    {
        std::filesystem::path model;
        std::shared_ptr<const io::OnnxModel> opened; ///< the model where it is in memory already
        std::map<std::string, core::Shape> shapes;
        std::filesystem::path data; ///< counts while there is no description
        std::optional<io::DataDescription> description;
        std::size_t sample = 0;
    };

    explicit DataPreviewService(QObject* parent = nullptr);
    void request(Request request); ///< answers with ready() unless another request comes first
    [[nodiscard]] bool isBusy() const { return !m_jobs.idle(); }

signals:
    void ready(std::shared_ptr<const app::DataPreview> preview);

private:
    views::Jobs m_jobs; // last: joins before the rest is destroyed
};

/// The same at once. Never throws: what is wrong stands in `problem`.
[[nodiscard]] DataPreview previewOf(const DataPreviewService::Request& request);

} // namespace app
