using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Tests.Platform;

public sealed class EntryPathTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("a", true)]
    [InlineData(".a", true)]
    [InlineData("..a", true)]
    [InlineData("...", true)]
    [InlineData("a/b/c", true)]
    [InlineData("a/.b/..c/...", true)]
    [InlineData("a../b.", true)]
    [InlineData(" ", true)]
    [InlineData("-", true)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("/", false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("a//b", false)]
    [InlineData("a/.", false)]
    [InlineData("a/..", false)]
    [InlineData("./a", false)]
    [InlineData("../a", false)]
    [InlineData("a/./b", false)]
    [InlineData("a/../b", false)]
    [InlineData(".a/../b", false)]
    public void A_path_is_inside_when_it_is_names_alone(string path, bool isInside) =>
        Assert.Equal(isInside, EntryPath.IsInside(System.Text.Encoding.UTF8.GetBytes(path)));
}
