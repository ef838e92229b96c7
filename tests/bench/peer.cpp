#include "tests/bench/peer.h"

#include "io/files/process.h"
#include "tests/support/shared_files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

fs::path packageFolder()
{
    const char* named = std::getenv("NOISEFLOOR_ONNXRUNTIME");
    return named ? fs::path(named) : support::projectFile("build/onnxruntime");
}

json writeInputs(const fs::path& path, const core::Graph& graph, const core::Sample& sample)
{
    std::ofstream file(path, std::ios::binary);
    json inputs = json::array();
    std::size_t offset = 0;
    for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
        const core::Tensor& tensor = sample.inputs[i];
        inputs.push_back(
            {{"name", graph.value(graph.inputs()[i]).name}, {"shape", tensor.shape()}, {"offset", offset}});
        file.write(reinterpret_cast<const char*>(tensor.data()),
                   static_cast<std::streamsize>(tensor.byteCount()));
        offset += tensor.byteCount();
    }
    return inputs;
}

void send(int file, const std::string& line)
{
    if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw std::runtime_error("the peer does not listen any more");
    }
}

} // namespace

std::unique_ptr<Peer> Peer::start(const fs::path& model, const core::Graph& graph, const core::Sample& sample)
{
    const fs::path package = packageFolder();
    if (!fs::exists(package / "node_modules/onnxruntime-node/package.json")
        || io::findProgram("node").empty()) {
        return nullptr;
    }
    const fs::path folder = support::temporaryFolder();
    const json request = {{"package", fs::absolute(package)},
                          {"model", model},
                          {"inputs", writeInputs(folder / "peer_inputs.bin", graph, sample)},
                          {"data", folder / "peer_inputs.bin"},
                          {"result", folder / "peer_output.bin"}};
    std::ofstream(folder / "peer.json") << request;

    int to[2];
    int from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) {
        throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    std::string node = "node";
    std::string script = support::projectFile("tests/bench/peer.mjs").string();
    std::string argument = (folder / "peer.json").string();
    char* const argv[]{node.data(), script.data(), argument.data(), nullptr};
    pid_t child = 0;
    const int failed = posix_spawnp(&child, "node", &actions, nullptr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(to[0]);
    ::close(from[1]);
    if (failed != 0) {
        throw std::runtime_error(std::string("node: ") + std::strerror(failed));
    }
    auto peer = std::unique_ptr<Peer>(new Peer);
    peer->m_process = child;
    peer->m_toPeer = to[1];
    peer->m_fromPeer = from[0];
    if (peer->readLine() != "ready") {
        throw std::runtime_error("ONNX Runtime did not take " + model.string());
    }
    std::ifstream result(folder / "peer_output.bin", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(result), {}};
    peer->m_output.resize(bytes.size() / sizeof(float));
    std::memcpy(peer->m_output.data(), bytes.data(), peer->m_output.size() * sizeof(float));
    return peer;
}

Peer::~Peer()
{
    ::close(m_toPeer); // end of its input: it leaves
    ::close(m_fromPeer);
    int status = 0;
    while (::waitpid(m_process, &status, 0) < 0 && errno == EINTR) { }
}

Duration Peer::run()
{
    send(m_toPeer, "run\n");
    const json answer = json::parse(readLine());
    return {answer.at("wallMs"), answer.at("cpuMs")};
}

std::string Peer::readLine()
{
    while (m_buffer.find('\n') == std::string::npos) {
        char block[4096];
        const ssize_t count = ::read(m_fromPeer, block, sizeof block);
        if (count <= 0) {
            return {};
        }
        m_buffer.append(block, static_cast<std::size_t>(count));
    }
    const std::size_t end = m_buffer.find('\n');
    const std::string line = m_buffer.substr(0, end);
    m_buffer.erase(0, end + 1);
    return line;
}

} // namespace bench
