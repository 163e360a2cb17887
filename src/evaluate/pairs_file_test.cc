#include "evaluate/pairs_file.h"

#include <gtest/gtest.h>

#include "evaluate/relative_path.h"

namespace facepipe::evaluate {
namespace {

constexpr const char* kTwoFolds = "2\t1\r\nAda\t1\t12\r\nAda\t2\tBob\t3\r\nCleo\t1\t10000\r\nCleo\t1\tDan Po\t2\r\n";

std::string pairs_error(std::string_view text, std::size_t folds = 10) {
  const auto list = parse_pairs(text, "pairs.txt", folds);
  return list ? "no error" : list.error().message;
}

TEST(PairsFile, LfwFoldsAndPictures) {
  const auto list = parse_pairs(kTwoFolds, "pairs.txt", 10);
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->folds, 2U);
  ASSERT_EQ(list->pairs.size(), 4U);
  EXPECT_EQ(list->pairs[0].first, "Ada/Ada_0001.jpg");
  EXPECT_EQ(list->pairs[0].second, "Ada/Ada_0012.jpg");
  EXPECT_TRUE(list->pairs[0].same);
  EXPECT_EQ(list->pairs[1].first, "Ada/Ada_0002.jpg");
  EXPECT_EQ(list->pairs[1].second, "Bob/Bob_0003.jpg");
  EXPECT_FALSE(list->pairs[1].same);
  EXPECT_EQ(list->pairs[1].fold, 0U);
  EXPECT_EQ(list->pairs[2].second, "Cleo/Cleo_10000.jpg");
  EXPECT_EQ(list->pairs[3].second, "Dan Po/Dan Po_0002.jpg");
  EXPECT_EQ(list->pairs[3].fold, 1U);
  const auto one = parse_pairs("1\nAda\t1\t2\nAda\t1\tBob\t1\n", "pairs.txt", 10);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->folds, 1U);
}

TEST(PairsFile, BadLfwLinesSayWhereWhatAndWhatCame) {
  EXPECT_EQ(pairs_error(""), "pairs.txt: expected pairs of pictures, found nothing");
  EXPECT_EQ(pairs_error("hello\n"),
            "pairs.txt: line 1: expected the number of folds (1 to 1000) and of pairs of a kind in each, with a tab "
            "between, or the latter alone, or a CSV; found other text");
  EXPECT_EQ(pairs_error("2\t1\nAda\t1\t2\n"), "pairs.txt: expected 4 pairs, as the first line says, found 1");
  EXPECT_EQ(pairs_error("1\nAda\t1\tBob\t1\nAda\t1\t2\n"),
            "pairs.txt: line 2: expected a pair of one person, NAME, NUMBER and NUMBER with tabs between, found 4 "
            "fields");
  EXPECT_EQ(pairs_error("1\nAda\t1\t2\nAda Bob\n"),
            "pairs.txt: line 3: expected a pair of different people, NAME, NUMBER, NAME and NUMBER with tabs between, "
            "found 1 field");
  EXPECT_EQ(pairs_error("1\nAda\t1\t2\nAda\t1\tAda\t2\n"),
            "pairs.txt: line 3: expected different people, found one name twice");
  for (const char* number : {"0", "-1", "1.5", "x", "", "1000000", "99999999999999999999"}) {
    EXPECT_EQ(pairs_error("1\nAda\t1\t" + std::string(number) + "\nAda\t1\tBob\t2\n"),
              "pairs.txt: line 2: expected a picture's number (1 to 999999), found other text")
        << number;
  }
  EXPECT_EQ(pairs_error("1\n..\t1\t2\nAda\t1\tBob\t2\n"),
            "pairs.txt: line 2: expected the name of a person's folder, found other text");
  EXPECT_EQ(parse_pairs("1000\t1000000\n", "pairs.txt", 10).error().code, ErrorCode::kTooLarge);
}

TEST(PairsFile, CsvIsDealtOutToFolds) {
  const auto list = parse_pairs(
      "file_x,file_y,Decision\na.jpg,b.jpg,Yes\nc.jpg,d.jpg,TRUE\n\"e,1.jpg\",f.jpg,1\n"
      "g/h.jpg,i.jpg,No\n",
      "master.csv", 2);
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->folds, 2U);
  ASSERT_EQ(list->pairs.size(), 4U);
  EXPECT_EQ(list->pairs[2].first, "e,1.jpg");
  const std::vector<std::size_t> folds = {list->pairs[0].fold, list->pairs[1].fold, list->pairs[2].fold,
                                          list->pairs[3].fold};
  EXPECT_EQ(folds, (std::vector<std::size_t>{0, 1, 0, 0}));
  EXPECT_TRUE(list->pairs[2].same);
  EXPECT_FALSE(list->pairs[3].same);
}

TEST(PairsFile, BadCsvLinesSayWhereWhatAndWhatCame) {
  EXPECT_EQ(pairs_error("x,y,same?\na,b\n"), "pairs.txt: line 2: expected two pictures and yes or no, found 2 cells");
  EXPECT_EQ(pairs_error("a,b,yes\na,b,maybe\n"),
            "pairs.txt: line 2: expected yes or no (true or false, 1 or 0) in the third cell, found "
            "other text");
  EXPECT_EQ(pairs_error("a,../../b,yes\n"),
            "pairs.txt: line 1: expected the path of a picture inside the folder in cell 2, found one that leads out "
            "of it");
  EXPECT_EQ(pairs_error(",b,yes\n"),
            "pairs.txt: line 1: expected the path of a picture inside the folder in cell 1, found nothing");
  EXPECT_EQ(pairs_error("x,y,same?\n"), "pairs.txt: expected pairs of pictures, found none");
  EXPECT_EQ(pairs_error("a,b,yes\n", 0), "expected 1 to 1000 folds, got 0");
}

TEST(RelativePath, NeverLeadsOut) {
  for (const char* inside : {"a", "a/b.jpg", "..a/b..", "a/./b", "a//b"}) {
    EXPECT_TRUE(stays_inside(inside)) << inside;
  }
  for (const char* outside : {"", "/a", "..", "../a", "a/..", "a/../b"}) {
    EXPECT_FALSE(stays_inside(outside)) << outside;
  }
  EXPECT_FALSE(stays_inside(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace facepipe::evaluate
