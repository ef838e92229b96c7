#include "app/gui/window/recent_files.h"

#include <QFileInfo>
#include <QSettings>

namespace app {

namespace {

constexpr int kMost = 10;
const QString kKey = QStringLiteral("files/recent");

} // namespace

std::vector<RecentFile> recentFiles()
{
    std::vector<RecentFile> files;
    QSettings settings;
    const int count = settings.beginReadArray(kKey);
    for (int i = 0; i < count; ++i) {
        settings.setArrayIndex(i);
        const RecentFile file{settings.value(QStringLiteral("model")).toString(),
                              settings.value(QStringLiteral("data")).toString()};
        if (QFileInfo::exists(file.model)) {
            files.push_back(file);
        }
    }
    return files;
}

void rememberFile(const RecentFile& file)
{
    std::vector<RecentFile> files = recentFiles();
    std::erase_if(files, [&](const RecentFile& other) { return other.model == file.model; });
    files.insert(files.begin(), file);
    QSettings settings;
    settings.beginWriteArray(kKey);
    for (int i = 0; i < std::min(kMost, static_cast<int>(files.size())); ++i) {
        settings.setArrayIndex(i);
        settings.setValue(QStringLiteral("model"), files[static_cast<std::size_t>(i)].model);
        settings.setValue(QStringLiteral("data"), files[static_cast<std::size_t>(i)].data);
    }
    settings.endArray();
}

} // namespace app
