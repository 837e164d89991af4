#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <string>
#include <utility>

#include "bytestore/keys.hpp"
#include "cli/input.hpp"
#include "cli/progress.hpp"
#include "cli/text.hpp"
#include "cli/tree_walk.hpp"
#include "cli/verbs/verbs.hpp"
#include "cli/write_batch.hpp"

namespace bytestore::cli {
namespace {

FileDescriptor open_tree(const std::string& path) {
  FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) {
    throw Failure(ExitCode::usage,
                  fmt::format("cannot open the folder {}: {}", path_in_quotes(path), last_error()));
  }
  return folder;
}

/// Returns how much there is to import, to estimate the time that is left.
Amount measure(TreeWalk walk, const Interrupt& interrupt) {
  Amount total;
  while (const auto entry = walk.next()) {
    if (interrupt.requested()) throw Interrupted();
    struct stat status{};
    if (entry->kind != EntryKind::file) continue;
    if (::fstatat(entry->folder, entry->name.c_str(), &status, 0) != 0) continue;
    ++total.items;
    total.bytes += static_cast<std::uint64_t>(status.st_size);
  }
  return total;
}

class Import {
 public:
  Import(const Context& context, ByteStore& store, std::string prefix, const Amount& total)
      : context_(context),
        store_(store),
        prefix_(std::move(prefix)),
        progress_(context.console, "file", total),
        tally_(context.console, "stored") {}

  /// Stores everything that the walk finds, until a signal arrives; closes the store and reports
  /// what was done.
  void run(TreeWalk walk) {
    try {
      while (const auto entry = walk.next()) {
        if (context_.interrupt.requested()) throw Interrupted();
        take(*entry);
      }
      store_batch();
      store_.close();
    } catch (const Interrupted&) {
      throw Interrupted(summary());
    } catch (const Failure& failure) {
      if (failure.code() != ExitCode::no_store) context_.console.say(summary());
      throw;
    } catch (const Error& error) {
      const auto code = exit_code_of(error.code(), stored_.items);
      if (code != ExitCode::no_store) context_.console.say(summary());
      throw Failure(code, error.what());
    }
    context_.console.say(summary());
  }

  [[nodiscard]] bool all_stored() const noexcept { return left_out_ == 0 && tally_.all_done(); }

 private:
  [[nodiscard]] std::string summary() const;
  void take(const TreeEntry& entry);
  void take_file(const TreeEntry& entry);
  void leave_out(std::string_view path, std::string_view problem);
  void store_batch();
  Amount store_one_by_one();

  const Context& context_;
  ByteStore& store_;
  std::string prefix_;
  Progress progress_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  WriteBatch batch_;
  Tally tally_;
  Amount stored_;
  std::uint64_t left_out_ = 0;  // paths that cannot be entries of a store
  std::uint64_t folder_links_ = 0;
  std::uint64_t unfinished_ = 0;
};

void Import::take(const TreeEntry& entry) {
  switch (entry.kind) {
    case EntryKind::file:
      return take_file(entry);
    case EntryKind::folder_link:
      ++folder_links_;
      return;
    case EntryKind::unfinished_file:
      ++unfinished_;
      return;
    case EntryKind::excluded_folder:
      return context_.console.complain(
          fmt::format("left out {}: it is the store itself", in_quotes(entry.path)));
    case EntryKind::unusable:
      return leave_out(entry.path, entry.problem);
  }
}

void Import::take_file(const TreeEntry& entry) {
  auto key = prefix_ + entry.path;
  if (const auto problem = key_problem(key)) {
    return leave_out(entry.path, fmt::format("as a key it {}", *problem));
  }
  std::string content;
  try {
    content = read_file(entry.folder, entry.name, context_.interrupt.token());
  } catch (const FileError& error) {
    return leave_out(entry.path, error.what());
  }
  if (!batch_.has_room_for(content.size())) store_batch();
  batch_.add(std::move(key), std::move(content));
}

void Import::leave_out(std::string_view path, std::string_view problem) {
  context_.console.complain(fmt::format("left out {}: {}", in_quotes(path), problem));
  ++left_out_;
}

/// Of a batch that was refused for one of its keys, which this store cannot have.
Amount Import::store_one_by_one() {
  Amount stored;
  for (const Entry& entry : batch_.entries()) {
    try {
      store_.mset({entry}, context_.call_options());
      tally_.add(1);
      ++stored.items;
      stored.bytes += entry.value.size();
    } catch (const BatchError& error) {
      tally_.add(error, 1);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_argument) throw;
      leave_out(std::string_view(entry.key).substr(prefix_.size()), error.what());
    }
  }
  return stored;
}

void Import::store_batch() {
  Amount stored{.items = batch_.entries().size(), .bytes = batch_.bytes()};
  try {
    store_.mset(batch_.entries(), context_.call_options());
    tally_.add(batch_.entries().size());
  } catch (const BatchError& error) {
    tally_.add(error, batch_.entries().size());
    for (const KeyFailure& failure : error.failures()) {
      stored.items -= 1;
      stored.bytes -= batch_.entries()[failure.index].value.size();
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    stored = store_one_by_one();
  }
  batch_.clear();
  stored_.items += stored.items;
  stored_.bytes += stored.bytes;
  progress_.update(stored_);
  if (context_.interrupt.requested()) throw Interrupted();
}

std::string Import::summary() const {
  const Seconds elapsed = std::chrono::steady_clock::now() - begun_;
  auto text =
      fmt::format("imported {}, {} in {:.1f} s ({})", counted(stored_.items, "file"),
                  size_text(stored_.bytes), elapsed.count(), rate_text(stored_.bytes, elapsed));
  if (left_out_ > 0) text += fmt::format("; {} left out", counted(left_out_, "path"));
  text += tally_.failures_text("file");
  if (folder_links_ > 0) {
    text += fmt::format("; {} to folders not followed", counted(folder_links_, "link"));
  }
  if (unfinished_ > 0) {
    text += fmt::format("; {} of an export left out", counted(unfinished_, "unfinished file"));
  }
  return text;
}

}  // namespace

ExitCode import_tree(const Context& context, const TreeArguments& arguments) {
  if (const auto problem = key_problem(arguments.prefix + "x")) {
    throw Failure(ExitCode::usage,
                  fmt::format("the prefix cannot begin a key, which {}", *problem));
  }
  const auto tree = open_tree(arguments.folder);
  const auto store = context.open_or_create();
  const auto own_folder = store_folder(context.uri);
  if (own_folder && own_folder == folder_id(arguments.folder)) {
    throw Failure(ExitCode::usage, fmt::format("the folder {} is the store itself",
                                               path_in_quotes(arguments.folder)));
  }
  Amount total;
  if (context.console.is_terminal()) total = measure(TreeWalk(tree, own_folder), context.interrupt);
  Import import(context, *store, arguments.prefix, total);
  import.run(TreeWalk(tree, own_folder));
  return import.all_stored() ? ExitCode::done : ExitCode::some_failed;
}

}  // namespace bytestore::cli
