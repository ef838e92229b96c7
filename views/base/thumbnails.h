#pragma once

#include "core/tensor/dataset.h"
#include "views/base/jobs.h"

#include <QImage>
#include <QObject>

#include <memory>
#include <set>
#include <vector>

namespace views {

/// Small pictures of samples, read off the UI thread when they are wanted; the newest wish wins.
class Thumbnails : public QObject
{
    Q_OBJECT

public:
    static constexpr int kSide = 28; ///< pixels of the longer side

    using QObject::QObject;

    void setDataset(std::shared_ptr<const core::Dataset> dataset); ///< forgets those of another
    /// Answers with ready() for those that are not known yet.
    void want(const std::vector<std::size_t>& samples);

signals:
    void ready(std::size_t sample, const QImage& image);

private:
    std::shared_ptr<const core::Dataset> m_dataset;
    std::set<std::size_t> m_known; ///< told already
    Jobs m_jobs; // last: joins before the rest is destroyed
};

/// The sample's picture, scaled to fit a square; small ones are enlarged without blur, for their pixels are
/// what the network sees. Empty when it has none. Throws core::Error as Dataset::picture does.
[[nodiscard]] QImage pictureOf(const core::Dataset& dataset, std::size_t sample, int side);

} // namespace views
