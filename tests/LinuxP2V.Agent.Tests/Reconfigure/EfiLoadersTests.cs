using LinuxP2V.Agent.Reconfigure.BootLoader;

namespace LinuxP2V.Agent.Tests.Reconfigure;

public sealed class EfiLoadersTests : IDisposable
{
    private readonly string efi = Directory.CreateTempSubdirectory("linuxp2v-efi-").FullName;

    public void Dispose() => Directory.Delete(efi, recursive: true);

    [Fact]
    public void The_signed_loader_goes_before_GRUB_and_takes_it_along()
    {
        Files("redhat", "shimx64.efi", "grubx64.efi", "mmx64.efi", "grub.cfg");
        Files("Boot", "fbx64.efi");
        var loader = Assert.Single(EfiLoaders.Find(efi));
        Assert.Equal(("redhat", "shimx64.efi", "\\EFI\\redhat\\shimx64.efi"), (loader.Folder, loader.Loader, loader.FirmwarePath));
        Assert.Equal(["grubx64.efi", "mmx64.efi"], loader.Companions);
    }

    [Theory]
    [InlineData("debian", "GRUBX64.EFI")]
    [InlineData("systemd", "systemd-bootx64.efi")]
    public void A_loader_alone(string folder, string file)
    {
        Files(folder, file);
        var loader = Assert.Single(EfiLoaders.Find(efi));
        Assert.Equal(file, loader.Loader);
        Assert.Empty(loader.Companions);
    }

    [Fact]
    public void Names_without_case()
    {
        Assert.Null(EfiLoaders.Entry(efi, "BOOT"));
        Files("Boot", "bootx64.efi");
        var folder = EfiLoaders.Entry(efi, "BOOT");
        Assert.Equal("Boot", Path.GetFileName(folder));
        Assert.EndsWith("bootx64.efi", EfiLoaders.Entry(folder!, "BOOTX64.EFI"), StringComparison.Ordinal);
    }

    private void Files(string folder, params string[] names)
    {
        Directory.CreateDirectory(Path.Combine(efi, folder));
        foreach (var name in names)
        {
            File.WriteAllText(Path.Combine(efi, folder, name), "MZ");
        }
    }
}
