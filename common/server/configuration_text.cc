#include "common/server/configuration_text.h"

#include <algorithm>
#include <charconv>

namespace redis_zk::server {

namespace {

// isspace() of the C locale, in which redis-server reads its configuration.
bool is_blank(char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }

bool is_hex(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') ||
           (letter >= 'A' && letter <= 'F');
}

char unescaped(char letter) {
    switch (letter) {
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'b': return '\b';
        case 'a': return '\a';
        default: return letter;
    }
}

class Splitter {
  public:
    explicit Splitter(std::string_view line) : rest_{line.substr(0, line.find('\0'))} {}

    std::optional<Words> all() {
        Words words;
        while (skip_blanks()) {
            auto word = next();
            if (!word) return std::nullopt;
            words.push_back(std::move(*word));
        }
        return words;
    }

  private:
    bool skip_blanks() {
        while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
        return !rest_.empty();
    }

    // Inside of a word only these end it: a form feed, for example, does not.
    bool at_end_of_word() const {
        return rest_.empty() || std::string_view{" \n\r\t"}.find(rest_.front()) != rest_.npos;
    }

    std::optional<std::string> next() {
        std::string word;
        while (!at_end_of_word()) {
            const char letter = take();
            if (letter != '"' && letter != '\'') {
                word += letter;
                continue;
            }
            if (!(letter == '"' ? read_double(word) : read_single(word))) return std::nullopt;
            // A closing quote ends the word.
            if (!rest_.empty() && !is_blank(rest_.front())) return std::nullopt;
            break;
        }
        return word;
    }

    char take() {
        const char letter = rest_.front();
        rest_.remove_prefix(1);
        return letter;
    }

    bool read_double(std::string& word) {
        while (!rest_.empty()) {
            const char letter = take();
            if (letter == '"') return true;
            if (letter != '\\' || rest_.empty()) {
                word += letter;
            } else if (rest_.size() >= 3 && rest_[0] == 'x' && is_hex(rest_[1]) &&
                       is_hex(rest_[2])) {
                unsigned byte = 0;
                std::from_chars(rest_.data() + 1, rest_.data() + 3, byte, 16);
                word += static_cast<char>(byte);
                rest_.remove_prefix(3);
            } else {
                word += unescaped(take());
            }
        }
        return false;
    }

    bool read_single(std::string& word) {
        while (!rest_.empty()) {
            const char letter = take();
            if (letter == '\'') return true;
            const bool is_escape = letter == '\\' && !rest_.empty() && rest_.front() == '\'';
            word += is_escape ? take() : letter;
        }
        return false;
    }

    std::string_view rest_;
};

bool is_plain(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') ||
           std::string_view{"-_./:,+@%"}.find(letter) != std::string_view::npos;
}

std::string escaped(char letter) {
    static constexpr std::string_view digits = "0123456789abcdef";
    if (letter == '"' || letter == '\\') return {'\\', letter};
    if (letter >= ' ' && letter <= '~') return {letter};
    const auto byte = static_cast<unsigned char>(letter);
    return {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
}

}  // namespace

std::optional<Words> split_words(std::string_view line) { return Splitter{line}.all(); }

std::string quoted(std::string_view word) {
    if (!word.empty() && std::ranges::all_of(word, is_plain)) return std::string{word};
    std::string text = "\"";
    for (const char letter : word) text += escaped(letter);
    return text + '"';
}

std::string line_of(const Words& words) {
    std::string line;
    for (const std::string& word : words) line += (line.empty() ? "" : " ") + quoted(word);
    return line;
}

}  // namespace redis_zk::server
