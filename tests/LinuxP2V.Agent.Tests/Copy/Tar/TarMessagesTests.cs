using LinuxP2V.Agent.Copy.Tar;

namespace LinuxP2V.Agent.Tests.Copy.Tar;

public sealed class TarMessagesTests
{
    [Theory]
    [InlineData("tar: Exiting with failure status due to previous errors", true)]
    [InlineData("tar: Error exit delayed from previous errors", true)]
    [InlineData("tar: Removing leading `/' from member names", true)]
    [InlineData("tar: ./due to previous errors: Cannot stat: No such file or directory", false)]
    [InlineData("tar: ./Removing leading x: Cannot open: Permission denied", false)]
    [InlineData("tar: ./x: Cannot stat: No such file or directory", false)]
    public void Only_closing_messages_say_nothing_new(string line, bool isNoise) => Assert.Equal(isNoise, TarMessages.IsNoise(line));

    [Theory]
    [InlineData("tar: ./x: Cannot stat: No such file or directory", true)]
    [InlineData("tar: ./x: File removed before we read it", true)]
    [InlineData("tar: ./x: Cannot open: Permission denied", true)]
    [InlineData("tar: ./x: socket ignored", true)]
    [InlineData("tar: ./x: file is on a different filesystem; not dumped", true)]
    [InlineData("tar: ./x: file name is too long (max 255); not dumped", true)]
    [InlineData("tar: ./x: file changed as we read it", false)]
    [InlineData("tar: ./x: File shrank by 512 bytes; padding with zeros", false)]
    [InlineData("tar: ./x: Read error at byte 0, while reading 512 bytes: Input/output error", false)]
    [InlineData("tar: ./x: Warning: Cannot llistxattr: Operation not permitted", false)]
    public void What_keeps_a_file_from_coming_is_told_from_what_only_happens_to_it(string line, bool isAbsence) =>
        Assert.Equal(isAbsence, TarMessages.IsAbsence(TarMessages.FromSource(line)!));
}
