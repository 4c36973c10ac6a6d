using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Files;

/// <summary>The system's own refusals, and codes that only Windows has.</summary>
public sealed class FileFailureTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("linuxp2v-test").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_the_system_refuses_has_a_cause_and_a_remedy()
    {
        var file = Path.Combine(folder, "file");
        File.WriteAllText(file, "");
        Assert.Contains("the folder", Explain(Path.Combine(folder, "no", "file")), StringComparison.Ordinal);
        Assert.Contains("a folder where a file is needed", Explain(folder), StringComparison.Ordinal);
        Assert.Contains("a file where a folder is needed", Explain(Path.Combine(file, "file")), StringComparison.Ordinal);
        Assert.Contains("too long", Explain(Path.Combine(folder, new string('a', 300))), StringComparison.Ordinal);
        Assert.Contains("no valid path", Explain(file + "\0"), StringComparison.Ordinal);
        Assert.Contains("no space left", Explain("/dev/full"), StringComparison.Ordinal);
        using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Contains("another program has it open", Explain(file), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0x80070020, "another program has it open")]
    [InlineData(0x80070021, "another program has it open")]
    [InlineData(0x80070070, "no space left")]
    [InlineData(0x80070027, "no space left")]
    [InlineData(0x80070013, "read-only medium")]
    [InlineData(0x8007007B, "no valid path")]
    [InlineData(30, "read-only medium")]
    [InlineData(122, "no space left")]
    [InlineData(0x80070035, "The network path was not found.")]
    public void Codes_of_the_systems_are_known(uint code, string reason)
    {
        var error = FileFailure.ToError(
            new IOException("The network path was not found.", unchecked((int)code)),
            ErrorIds.FileNotAccessible,
            "x",
            "write"
        );
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public void Waiting_is_for_files_in_use_and_denied_ones_only()
    {
        Assert.True(FileFailure.MayPass(new UnauthorizedAccessException()));
        Assert.True(FileFailure.MayPass(new IOException("in use", unchecked((int)0x80070020))));
        // What Windows answers when it replaces a file that somebody reads.
        Assert.True(FileFailure.MayPass(new IOException("cannot remove the file to be replaced", unchecked((int)0x80070497))));
        Assert.False(FileFailure.MayPass(new IOException("full", unchecked((int)0x80070070))));
        Assert.False(FileFailure.MayPass(new IOException("full", 28)));
        Assert.False(FileFailure.MayPass(new FileNotFoundException()));
        Assert.False(FileFailure.MayPass(new DirectoryNotFoundException()));
        Assert.False(FileFailure.MayPass(new PathTooLongException()));
    }

    private static string Explain(string path)
    {
        var refused = Record.Exception(() => File.WriteAllText(path, "text"));
        Assert.NotNull(refused);
        Assert.True(FileFailure.IsOne(refused));
        var error = FileFailure.ToError(refused, ErrorIds.FileNotAccessible, path, "write the file");
        Assert.NotEmpty(error.Remedy);
        return error.Message;
    }
}
