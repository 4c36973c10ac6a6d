using System.Text;
using LinuxP2V.Agent.Verify;

namespace LinuxP2V.Agent.Tests.Verify;

public sealed class AnswerReaderTests
{
    [Theory]
    [InlineData("d1  ./a\0d3  ./b ./c\0", "Records")]
    [InlineData("d1  ./a\nd3  ./b ./c\n", "Lines")]
    [InlineData("./a\0d1\0./b ./c\0d3\0", "Pairs")]
    public void A_path_without_an_answer_has_none_and_names_may_look_like_answers(string output, string form) =>
        Assert.Equal<string?[]>(["d1", null, "d3"], Read(output, Enum.Parse<AnswerFormat>(form), "./a", "./gone", "./b ./c"));

    [Fact]
    public void A_checksum_of_several_words_is_one_answer() =>
        Assert.Equal<string?[]>(["4294967295 0"], Read("4294967295 0 ./a\0", AnswerFormat.Records, "./a"));

    [Fact]
    public void Attributes_are_the_same_in_whatever_order_and_form_they_come()
    {
        const string Output =
            "# file: .\nuser.b=0x32\nuser.a=0x31\n\n# file: ./n\\012l\nuser.x\\075\\134=0x\nsecurity.selinux=0x6100\nuser.none\n\n";

        Assert.Equal<string?[]>(
            ["user.a=31\nuser.b=32\n", null, "security.selinux=61\nuser.none=\nuser.x=\\=\n"],
            Read(Output, AnswerFormat.Attributes, ".", "./plain", "./n\nl")
        );
    }

    [Theory]
    [InlineData("d1  ./other\0", "Records")]
    [InlineData("d2  ./b\0d1  ./a\0", "Records")]
    [InlineData("d1  ./a", "Records")]
    [InlineData("words\0", "Records")]
    [InlineData("./a\0", "Pairs")]
    [InlineData("words\n", "Attributes")]
    public void What_was_not_asked_is_no_answer(string output, string form) =>
        Assert.Throws<InvalidDataException>(() => Read(output, Enum.Parse<AnswerFormat>(form), "./a", "./b"));

    private static string?[] Read(string output, AnswerFormat form, params string[] paths) =>
        new AnswerReader([.. paths.Select(Encoding.Latin1.GetBytes)]).Read(Encoding.Latin1.GetBytes(output), form);
}
