using LinuxP2V.Agent.Reconfigure.Apply;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Agent.Tests.Reconfigure;

public sealed class FileTextApplierTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("linuxp2v-file-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task A_private_file_is_its_owners_alone_and_one_that_is_there_keeps_its_mode()
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        const UnixFileMode Before = Private | UnixFileMode.GroupRead;
        File.WriteAllText(root + "/old", "before");
        File.SetUnixFileMode(root + "/old", Before);
        await ApplyAsync(new FileText("Network", "/etc/new", "text", "made", "") { IsPrivate = true });
        await ApplyAsync(new FileText("Network", "/old", "text", "changed", "") { IsPrivate = true });
        Assert.Equal((Private, "text"), (File.GetUnixFileMode(root + "/etc/new"), File.ReadAllText(root + "/etc/new")));
        Assert.Equal((Before, "text"), (File.GetUnixFileMode(root + "/old"), File.ReadAllText(root + "/old")));
    }

    private Task<GuestChange?> ApplyAsync(FileText change) =>
        new FileTextApplier().ApplyAsync(
            change,
            new ReconfigureContext(null!, null!, new CopyRoot(root), new RecordingSink()),
            CancellationToken.None
        );
}
