#include "aws/credentials/xml.h"

#include <gtest/gtest.h>

namespace facepipe::aws {
namespace {

TEST(Xml, LeavesByPath) {
  const auto leaves = parse_xml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<A xmlns=\"urn:x\" b='>'>\n <B> t &amp;&lt;&gt;&quot;&apos;&#65;&#x20AC;&#x1F600; </B>\n"
      " <C/><D ></D ><E><F>1</F><F>2</F></E>\n</A>\n",
      "answer");
  ASSERT_TRUE(leaves) << leaves.error().message;
  EXPECT_EQ(*leaves,
            (XmlLeaves{{"A/B", " t &<>\"'A\xE2\x82\xAC\xF0\x9F\x98\x80 "}, {"A/C", ""}, {"A/D", ""}, {"A/E/F", "1"}}));
  EXPECT_EQ(*parse_xml("<a>x</a>", "answer"), (XmlLeaves{{"a", "x"}}));
}

TEST(Xml, WhatIsRefused) {
  for (const char* xml : {"",
                          "  ",
                          "text",
                          "<",
                          "<a",
                          "<a>",
                          "<a/",
                          "<a></b>",
                          "</a>",
                          "<a/><b/>",
                          "<a/>text",
                          "<a b></a>",
                          "<a b=c/>",
                          "<a b=\"/>",
                          "<a \"b\"/>",
                          "<a>&nbsp;</a>",
                          "<a>&</a>",
                          "<a>&#0;</a>",
                          "<a>&#xD800;</a>",
                          "<a>&#1114112;</a>",
                          "<a>&#x;</a>",
                          "<a>&#99999999999;</a>",
                          "<a><!-- c --></a>",
                          "<a><![CDATA[x]]></a>",
                          "<!DOCTYPE a><a/>",
                          "<a><?php?></a>",
                          "<?xml version='1.0'",
                          "<a>text<b/></a>",
                          "<a/ >",
                          "< a/>"}) {
    const auto leaves = parse_xml(xml, "answer");
    ASSERT_FALSE(leaves) << xml;
    EXPECT_EQ(leaves.error().code, ErrorCode::kInvalidData);
    EXPECT_TRUE(leaves.error().message.starts_with("answer: expected XML, got ")) << leaves.error().message;
  }
}

TEST(Xml, Bounds) {
  const auto nested = [](int depth) {
    std::string xml;
    for (int i = 0; i < depth; ++i) {
      xml += "<a>";
    }
    for (int i = 0; i < depth; ++i) {
      xml += "</a>";
    }
    return xml;
  };
  EXPECT_TRUE(parse_xml(nested(16), "answer"));
  EXPECT_FALSE(parse_xml(nested(17), "answer"));
  std::string wide = "<a>";
  for (int i = 0; i < 256; ++i) {
    wide += "<b" + std::to_string(i) + "/>";
  }
  EXPECT_EQ(parse_xml(wide + "</a>", "answer")->size(), 256U);
  EXPECT_FALSE(parse_xml(wide + "<c/></a>", "answer"));
  EXPECT_TRUE(parse_xml("<a>" + std::string(65'529, 'x') + "</a>", "answer"));
  EXPECT_FALSE(parse_xml("<a>" + std::string(65'530, 'x') + "</a>", "answer"));
}

}  // namespace
}  // namespace facepipe::aws
