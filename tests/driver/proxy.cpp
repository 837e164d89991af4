#include "proxy.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <span>
#include <utility>

namespace bytestore::cassandra {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

unsigned char byte_of(std::string_view frame, std::size_t at) {
  return static_cast<unsigned char>(frame[at]);
}

}  // namespace

struct Proxy::Link {
  explicit Link(tcp::socket accepted)
      : client(std::move(accepted)), server(client.get_executor()) {}

  void close() {
    boost::system::error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }

  tcp::socket client;
  tcp::socket server;
  bool forgotten = false;
  std::string unread;  // of a request that has not arrived in whole
  std::array<char, 65536> upwards;
  std::array<char, 65536> downwards;
};

Proxy::Proxy(const std::string& host, std::uint16_t port, const std::string& listen_host,
             std::uint16_t listen_port)
    : acceptor_(context_, {asio::ip::make_address(listen_host), listen_port}),
      server_(asio::ip::make_address(host), port),
      port_(acceptor_.local_endpoint().port()) {
  accept();
  thread_ = std::thread([this] { context_.run(); });
}

Proxy::~Proxy() {
  context_.stop();
  thread_.join();
}

void Proxy::run(const std::function<void()>& change) {
  std::promise<void> done;
  asio::post(context_, [&] {
    change();
    done.set_value();
  });
  done.get_future().wait();
}

void Proxy::stall() {
  run([this] { stalled_ = true; });
}

void Proxy::forget() {
  run([this] {
    for (const auto& weak : links_) {
      const auto link = weak.lock();
      if (!link) continue;
      link->forgotten = true;
      forgotten_.push_back(link);
    }
  });
}

void Proxy::replace(std::string from, std::string to) {
  run([&] {
    replaced_ = std::move(from);
    replacement_ = std::move(to);
  });
}

void Proxy::refuse_to_prepare(std::string words) {
  run([&] {
    reads_frames_ = true;
    refusal_ = std::move(words);
  });
}

void Proxy::prepare_again() {
  run([this] { refusal_.clear(); });
}

void Proxy::hang_up() {
  run([this] { close_links(); });
}

void Proxy::cut() {
  run([this] {
    acceptor_.close();
    close_links();
  });
}

void Proxy::close_links() {
  for (const auto& weak : links_) {
    if (const auto link = weak.lock()) link->close();
  }
}

void Proxy::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (error) return;
    const auto link = std::make_shared<Link>(std::move(socket));
    link->server.connect(server_, error);
    if (!error) {
      links_.push_back(link);
      read(link, true);
      read(link, false);
    }
    accept();
  });
}

void Proxy::read(const std::shared_ptr<Link>& link, bool upwards) {
  tcp::socket& from = upwards ? link->client : link->server;
  auto& buffer = upwards ? link->upwards : link->downwards;
  from.async_read_some(
      asio::buffer(buffer),
      [this, link, upwards, &buffer](boost::system::error_code error, std::size_t size) {
        if (link->forgotten) return;
        if (error) return link->close();
        if (stalled_ && !upwards) return;  // the answer, and those after it, stay here
        if (upwards && !replaced_.empty()) {
          const std::span sent(buffer.data(), size);
          for (auto found = std::ranges::search(sent, replaced_); !found.empty();
               found = std::ranges::search(std::span(found.end(), sent.end()), replaced_)) {
            std::ranges::copy(replacement_, found.begin());
          }
        }
        const std::string_view sent(buffer.data(), size);
        write(link, upwards, upwards && reads_frames_ ? pass(link, sent) : std::string(sent));
      });
}

void Proxy::write(const std::shared_ptr<Link>& link, bool upwards, std::string bytes) {
  tcp::socket& to = upwards ? link->server : link->client;
  const auto kept = std::make_shared<const std::string>(std::move(bytes));
  asio::async_write(to, asio::buffer(*kept),
                    [this, link, upwards, kept](boost::system::error_code failed, std::size_t) {
                      if (failed) return link->close();
                      read(link, upwards);
                    });
}

/// What of the requests of a client the server gets; the others are answered. No answer of the
/// server is on its way then: who prepares a statement here waits for it before asking for anything
/// else.
std::string Proxy::pass(const std::shared_ptr<Link>& link, std::string_view sent) {
  constexpr std::size_t kHeader = 9;
  constexpr unsigned char kPrepare = 0x09;
  link->unread += sent;
  std::string passed;
  while (link->unread.size() >= kHeader) {
    std::size_t length = 0;
    for (std::size_t at = 5; at < kHeader; ++at) length = length << 8U | byte_of(link->unread, at);
    if (link->unread.size() < kHeader + length) break;
    const std::string frame = link->unread.substr(0, kHeader + length);
    link->unread.erase(0, frame.size());
    if (refusal_.empty() || byte_of(frame, 4) != kPrepare) {
      passed += frame;
      continue;
    }
    ++refused_;
    const auto words = static_cast<char>(refusal_.size());
    std::string answer{
        '\x84', '\0', frame[2], frame[3], '\0', '\0', '\0', '\0', static_cast<char>(words + 6),
        '\0',   '\0', '\x10',   '\x01',   '\0', words};
    asio::write(link->client, asio::buffer(answer + refusal_));
  }
  return passed;
}

}  // namespace bytestore::cassandra
