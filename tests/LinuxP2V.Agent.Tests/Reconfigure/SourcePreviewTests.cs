using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Reconfigure;

/// <summary>The reconfiguration planned on the files of a running source, before anything is written.</summary>
public sealed class SourcePreviewTests : IDisposable
{
    private static readonly ReconfigureOptions Options = new() { RunningKernel = "6.1.0-1-amd64" };

    private readonly FolderSource source = new();
    private readonly RecordingSink sink = new();

    public SourcePreviewTests()
    {
        source.Write("/etc/fstab", $"UUID={Layouts.RootUuid} / ext4 defaults 0 1\n");
        source.Write(
            "/lib/modules/6.1.0-1-amd64/modules.dep",
            "kernel/drivers/scsi/vmw_pvscsi.ko:\nkernel/drivers/scsi/sd_mod.ko:\nkernel/fs/ext4/ext4.ko:\n"
        );
        source.Write("/boot/vmlinuz-6.1.0-1-amd64", "x");
        source.Write("/boot/initrd.img-6.1.0-1-amd64", "x");
        source.Write(
            "/boot/grub/grub.cfg",
            "menuentry 'Debian' {\n"
                + $"search --fs-uuid --set=root {Layouts.BootUuid}\n"
                + $"linux /vmlinuz-6.1.0-1-amd64 root=UUID={Layouts.RootUuid} ro\n"
                + "initrd /initrd.img-6.1.0-1-amd64\n}\n"
        );
        source.Write("/usr/lib/grub/i386-pc/boot.img", "x");
        foreach (var program in new[] { "grub-install", "grub-mkconfig", "mkinitramfs", "update-initramfs" })
            source.Write($"/usr/sbin/{program}", "#!/bin/sh\n");
    }

    public void Dispose() => source.Dispose();

    [Fact]
    public async Task A_machine_that_can_be_made_to_boot_passes()
    {
        await RunAsync(Options);
        Assert.Empty(sink.Warnings);
    }

    [Fact]
    public async Task A_machine_whose_loader_cannot_be_installed_is_refused()
    {
        source.Delete("/usr/sbin/grub-install");
        var failure = await Assert.ThrowsAsync<AgentException>(() => RunAsync(Options));
        Assert.Equal(ErrorIds.BootLoaderNotSupported, failure.Error.Id);
        Assert.Contains("Nothing is copied yet", failure.Error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_forces_it_is_told_and_goes_on()
    {
        source.Delete("/usr/sbin/grub-install");
        await RunAsync(Options with { Force = true });
        Assert.Contains(sink.Warnings, warning => warning.Contains("boot loader", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_source_that_does_not_tell_its_files_is_no_reason_to_stop()
    {
        source.Answer = "sh: not found";
        await RunAsync(Options);
        Assert.Contains("could not be planned before the copy", Assert.Single(sink.Warnings), StringComparison.Ordinal);
    }

    private Task RunAsync(ReconfigureOptions options) =>
        SourcePreview.RunAsync(source, Layouts.DebianBios(), options, sink, CancellationToken.None);

    /// <summary>A machine whose root is a folder; its scripts run in this machine's sh.</summary>
    private sealed class FolderSource : ISource, IDisposable
    {
        private readonly string root = Directory.CreateTempSubdirectory("linuxp2v-source-").FullName;

        public string? Answer { get; set; }

        public string Name => "root@folder";

        public void Write(string path, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(root + path)!);
            File.WriteAllText(root + path, text);
        }

        public void Delete(string path) => File.Delete(root + path);

        public async Task<SourceResult> RunAsync(string script, CancellationToken cancellationToken)
        {
            if (Answer is not null)
                return new SourceResult(127, Answer, "");

            var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            await process.StandardInput.WriteAsync(script.Replace("R=''", $"R='{root}'", StringComparison.Ordinal));
            process.StandardInput.Close();
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new SourceResult(process.ExitCode, output, "");
        }

        public ISourceStream Start(string script, Action<string>? onError = null) => throw new NotSupportedException();

        public Task<ISourceLane> OpenLaneAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public void Dispose() => Directory.Delete(root, recursive: true);
    }
}
