#include "app/gui/work/file_writer.h"

#include "io/files/file.h"

#include <utility>

namespace app {

void FileWriter::write(const std::filesystem::path& file, Content content)
{
    const auto work = [file, content = std::move(content)](const views::Jobs::Call& call) {
        const std::string text = content(call.stop);
        if (call.stop.stop_requested()) {
            return false; // another file is wanted by now
        }
        io::writeFileAtomically(file, text);
        return true;
    };
    m_jobs.run(views::Jobs::Lane::Run, this, work,
               [this, name = QString::fromStdString(file.string())](bool) { emit written(name); },
               {.failed = [this](const QString& problem) { emit failed(problem); }});
}

} // namespace app
