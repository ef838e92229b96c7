#include "tests/fuzz/onnx_runtime_peer.h"

#include <csignal>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace fuzz {

namespace {

using nlohmann::json;

void writeAll(int file, const void* bytes, std::size_t count)
{
    const char* at = static_cast<const char*>(bytes);
    while (count > 0) {
        const ssize_t done = ::write(file, at, count);
        if (done <= 0) {
            throw std::runtime_error("ONNX Runtime's process has gone");
        }
        at += done;
        count -= static_cast<std::size_t>(done);
    }
}

constexpr int kAnswerMilliseconds = 15'000; // a convolution over no channels keeps ONNX Runtime for ever

void readAll(int file, void* bytes, std::size_t count)
{
    char* at = static_cast<char*>(bytes);
    while (count > 0) {
        pollfd waiting{file, POLLIN, 0};
        if (::poll(&waiting, 1, kAnswerMilliseconds) <= 0) {
            throw std::runtime_error("ONNX Runtime's process has gone: it gives no answer");
        }
        const ssize_t done = ::read(file, at, count);
        if (done <= 0) {
            throw std::runtime_error("ONNX Runtime's process has gone");
        }
        at += done;
        count -= static_cast<std::size_t>(done);
    }
}

std::string readLine(int file)
{
    std::string line;
    for (char byte = 0;; line += byte) {
        readAll(file, &byte, 1);
        if (byte == '\n') {
            return line;
        }
    }
}

core::DataType typeNamed(const std::string& name)
{
    for (int i = 0; i <= static_cast<int>(core::DataType::Bool); ++i) {
        if (core::nameOf(static_cast<core::DataType>(i)) == name) {
            return static_cast<core::DataType>(i);
        }
    }
    throw std::runtime_error("ONNX Runtime answered with an unknown element type: " + name);
}

json describeSamples(const std::vector<io::NamedTensors>& samples)
{
    json all = json::array();
    for (const io::NamedTensors& sample : samples) {
        json described = json::array();
        for (const auto& [name, tensor] : sample) {
            described.push_back({{"name", name},
                                 {"type", core::nameOf(tensor.type())},
                                 {"shape", tensor.shape()},
                                 {"bytes", tensor.byteCount()}});
        }
        all.push_back(std::move(described));
    }
    return all;
}

core::Tensor readTensor(int file, const json& described)
{
    core::TensorBuilder builder(typeNamed(described.at("type")), described.at("shape").get<core::Shape>());
    if (builder.byteCount() != described.at("bytes").get<std::size_t>()) {
        throw std::runtime_error("ONNX Runtime's answer has other sizes than it says");
    }
    readAll(file, builder.data(), builder.byteCount());
    return std::move(builder).finish();
}

} // namespace

bool PeerAnswer::hasNoKernel() const
{
    return error.find("NOT_IMPLEMENTED") != std::string::npos
        || error.find("not implemented") != std::string::npos
        || error.find("Could not find an implementation") != std::string::npos;
}

OnnxRuntimePeer::OnnxRuntimePeer(std::filesystem::path package)
    : m_package(std::move(package))
{
    std::signal(SIGPIPE, SIG_IGN); // a peer that died is an exception, not our death
    start();
}

OnnxRuntimePeer::~OnnxRuntimePeer() { stop(); }

void OnnxRuntimePeer::start()
{
    int requests[2];
    int answers[2];
    if (::pipe2(requests, O_CLOEXEC) != 0 || ::pipe2(answers, O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe for ONNX Runtime");
    }
    m_process = ::fork();
    if (m_process == 0) {
        ::dup2(requests[0], STDIN_FILENO);
        ::dup2(answers[1], STDOUT_FILENO);
        ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
        const std::string package = std::filesystem::absolute(m_package).string();
        ::execlp("node", "node", FUZZ_SERVER_SCRIPT, package.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(requests[0]);
    ::close(answers[1]);
    m_requests = requests[1];
    m_answers = answers[0];
}

void OnnxRuntimePeer::stop()
{
    if (m_process > 0) {
        ::close(m_requests);
        ::close(m_answers);
        ::kill(m_process, SIGKILL);
        ::waitpid(m_process, nullptr, 0);
        m_process = -1;
    }
}

void OnnxRuntimePeer::restart()
{
    stop();
    start();
}

PeerAnswer OnnxRuntimePeer::run(const std::string& model, const std::vector<io::NamedTensors>& samples,
                                std::string_view optimization) const
{
    const json request = {
        {"model", model.size()}, {"optimization", optimization}, {"samples", describeSamples(samples)}};
    const std::string line = request.dump() + "\n";
    writeAll(m_requests, line.data(), line.size());
    writeAll(m_requests, model.data(), model.size());
    for (const io::NamedTensors& sample : samples) {
        for (const auto& [name, tensor] : sample) {
            writeAll(m_requests, tensor.data(), tensor.byteCount());
        }
    }
    PeerAnswer answer;
    const json described = json::parse(readLine(m_answers));
    if (described.contains("error")) {
        answer.error = described.at("error");
        return answer;
    }
    for (const json& sample : described.at("samples")) {
        io::NamedTensors& tensors = answer.samples.emplace_back();
        for (const json& tensor : sample) {
            tensors.emplace(tensor.at("name"), readTensor(m_answers, tensor));
        }
    }
    return answer;
}

} // namespace fuzz
