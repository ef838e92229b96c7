#include "app/gui/work/file_writer.h"

#include "io/files/file.h"

#include <exception>

namespace app {

void FileWriter::write(const std::filesystem::path& file, Content content)
{
    m_busy = true;
    m_queue.submit(core::RunQueue::Lane::Run,
                   [this, file, content = std::move(content)](const std::stop_token& stop) {
                       QString problem;
                       try {
                           const std::string text = content(stop);
                           if (stop.stop_requested()) {
                               return; // another file is wanted by now
                           }
                           io::writeFileAtomically(file, text);
                       } catch (const std::exception& error) { // the one catch of a job
                           problem = QString::fromUtf8(error.what());
                       }
                       QMetaObject::invokeMethod(
                           this,
                           [this, name = QString::fromStdString(file.string()), problem] {
                               m_busy = false;
                               problem.isEmpty() ? emit written(name) : emit failed(problem);
                           },
                           Qt::QueuedConnection);
                   });
}

} // namespace app
