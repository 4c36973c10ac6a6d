using LinuxP2V.Agent.Listing;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Listing;

public sealed class FindMessagesTests
{
    [Theory]
    [InlineData("find: './a b': Permission denied", CopyIncidentKind.Unreadable, "/a b")]
    [InlineData("find: './gone': No such file or directory", CopyIncidentKind.Vanished, "/gone")]
    [InlineData(@"find: './new\nline: x': Input/output error", CopyIncidentKind.Unreadable, "/new\nline: x")]
    [InlineData("find: ./plain: Permission denied", CopyIncidentKind.Unreadable, "/plain")]
    [InlineData("find: '.': Permission denied", CopyIncidentKind.Unreadable, "/")]
    [InlineData("stat: can't stat './gone': No such file or directory", CopyIncidentKind.Vanished, "/gone")]
    [InlineData("stat: cannot statx './gone': No such file or directory", CopyIncidentKind.Vanished, "/gone")]
    public void Single_files_are_incidents(string line, CopyIncidentKind kind, string path)
    {
        var incident = FindMessages.Incident(line);
        Assert.Equal((kind, path), (incident?.Kind, incident?.Path));
    }

    [Theory]
    [InlineData("find: unrecognized: -printf")]
    [InlineData("find: Failed to restore initial working directory: /root: Permission denied")]
    [InlineData("sh: 1: ./find: not found")]
    public void Other_words_are_not(string line) => Assert.Null(FindMessages.Incident(line));
}
