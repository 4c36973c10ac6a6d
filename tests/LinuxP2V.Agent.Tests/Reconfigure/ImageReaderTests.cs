using LinuxP2V.Agent.Reconfigure.Initramfs;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Agent.Tests.Storage;
using LinuxP2V.Guest.Images;
using LinuxP2V.Guest.Planning;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Tests.Reconfigure;

/// <summary>Images that the field's own tools made. The copy is an empty folder, so that the helper's programs unpack them.</summary>
public sealed class ImageReaderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("linuxp2v-image-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("cat")]
    [InlineData("gzip -9n")]
    [InlineData("zstd -q -5")]
    [InlineData("xz --check=crc32")]
    [InlineData("lz4 -l -q")]
    [InlineData("bzip2")]
    public async Task What_cpio_and_a_compression_wrote(string compression)
    {
        Make($"{{ {Cpio("early")}; {Cpio("main")} | {compression}; }} >image");
        var content = await Reader().ReadAsync(["/image"], CancellationToken.None);
        Assert.NotNull(content);
        Assert.Equal(["vmw_pvscsi"], content.Modules);
        Assert.Equal(["vmw_pvscsi (a modprobe rule in it keeps it from loading)"], content.Missing(["vmw_pvscsi"], []));
        // Two files that are loaded together are one image.
        Make($"{Cpio("early")} >first; {Cpio("main")} | {compression} >second");
        Assert.Equal(content.Modules, (await Reader().ReadAsync(["/first", "/second"], CancellationToken.None))!.Modules);
    }

    [Theory]
    [InlineData("zstd -q -5")]
    [InlineData("gzip")]
    [InlineData("cat")]
    public async Task An_image_that_was_cut_off_cannot_be_read(string compression)
    {
        Make($"{Cpio("main")} | {compression} >whole; head -c $(($(wc -c <whole) * 2 / 3)) whole >image");
        Assert.NotNull(await Reader().ReadAsync(["/whole"], CancellationToken.None));
        Assert.Null(await Reader().ReadAsync(["/image"], CancellationToken.None));
        Assert.Null(await Reader().ReadAsync(["/absent"], CancellationToken.None));
    }

    [Fact]
    public async Task A_unified_kernel_image_that_objcopy_wrote()
    {
        // Any EFI program does for the stub.
        Make(
            $"{Cpio("main")} | zstd -q >initrd; printf 'root=/dev/md0 quiet\\n' >words; printf 6.1.0-1 >version; "
                + "objcopy --add-section .cmdline=words --change-section-vma .cmdline=0x30000000 "
                + "--add-section .uname=version --change-section-vma .uname=0x31000000 "
                + "--add-section .linux=words --change-section-vma .linux=0x32000000 "
                + "--add-section .initrd=initrd --change-section-vma .initrd=0x34000000 "
                + "/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi image.efi"
        );
        UnifiedKernel unified;
        await using (var file = File.OpenRead($"{folder}/image.efi"))
            unified = UnifiedKernel.Read(file)!;

        Assert.Equal(("root=/dev/md0 quiet", "6.1.0-1"), (unified.CommandLine, unified.Version));
        Assert.Equal(["vmw_pvscsi"], (await Reader().ReadAsync("/image.efi", unified.Initramfs!, CancellationToken.None))!.Modules);
    }

    private static string Cpio(string name) => $"(cd {name} && find . | cpio -o -H newc --quiet)";

    private ImageReader Reader() =>
        new(
            new ReconfigureContext(
                null!,
                new GuestTarget(Layouts.DebianBios(), new ReconfigureOptions { RunningKernel = "6.1" }),
                new CopyRoot(folder),
                new RecordingSink()
            )
        );

    private void Make(string script)
    {
        const string Files =
            "mkdir -p early/kernel/x86/microcode main/lib/modules/6.1 main/etc/modprobe.d; "
            + "echo x >early/kernel/x86/microcode/AuthenticAMD.bin; echo '#!/bin/sh' >main/init; "
            + "head -c 200000 /dev/urandom >main/lib/modules/6.1/vmw_pvscsi.ko; "
            + "echo 'blacklist vmw_pvscsi' >main/etc/modprobe.d/a.conf; ";
        LoopDisks.Run("sh", "-ec", $"cd '{folder}'; {Files}{script}");
    }
}
