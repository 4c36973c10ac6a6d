using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Tests.Copy.Tar;

public sealed class TarScriptTests
{
    [Theory]
    [InlineData("sh")]
    [InlineData("busybox sh")]
    [InlineData("bash")]
    public void A_name_of_any_bytes_survives_the_shell(string shell)
    {
        var name = Enumerable.Range(1, 255).Select(value => (byte)value).Append((byte)'\n').ToArray();
        var script = $"export LC_ALL=C\n{PosixShell.Assign("path", name)}\nprintf %s \"$path\"";

        Assert.Equal(string.Concat(name.Select(value => (char)value)), Shell.Run($"{shell} -c {PosixShell.Quote(script)}"));
        Assert.All(script, c => Assert.InRange(c, '\n', '~'));
    }
}
