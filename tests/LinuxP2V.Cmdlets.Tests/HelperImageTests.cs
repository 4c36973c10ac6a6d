using System.Security.Cryptography;
using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class HelperImageTests : IDisposable
{
    private readonly TestShell shell = new();
    private readonly string image = Path.GetTempFileName();
    private readonly string hash;

    public HelperImageTests()
    {
        File.WriteAllText(image, "image");
        hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(image)));
        shell.Engine.HelperImage = image;
        Assert.Empty(
            shell
                .Run(
                    "$null = Connect-P2VServer vc01 -Credential ([pscredential]::new('u', "
                        + "([System.Net.NetworkCredential]::new('', 'geheim').SecurePassword)))"
                )
                .Errors
        );
    }

    private FakeServer Server => shell.Engine.Connections[0].Server;

    public void Dispose()
    {
        shell.Dispose();
        File.Delete(image);
    }

    [Fact]
    public void TheFileHasItsHash()
    {
        var image = shell.Run("Get-P2VHelperImage").Single<P2VHelperImage>();
        Assert.Equal((hash, this.image, null, true), (image.Hash, image.Path, image.Datastore, image.IsCurrent));
        var other = Path.GetTempFileName();
        Assert.False(shell.Run("Get-P2VHelperImage $other", ("other", other)).Single<P2VHelperImage>().IsCurrent);
        File.Delete(other);
    }

    [Fact]
    public void PublishSendsTheImageToEachDatastore()
    {
        var images = shell.Run("Publish-P2VHelperImage ds1, ds3").Output.Select(o => (P2VHelperImage)o.BaseObject).ToList();
        Assert.Equal([("ds1", image), ("ds3", image)], Server.Published);
        Assert.All(images, i => Assert.Equal((hash, true), (i.Hash, i.IsCurrent)));
        Assert.Equal($"[ds1] linuxp2v/linuxp2v-helper-{hash[..16]}.iso", images[0].Path);
        shell
            .Run("$ds | Publish-P2VHelperImage", ("ds", new FakePowerCli.InventoryItemImpl("ds4", "Datastore-datastore-4")))
            .Single<P2VHelperImage>();
        Assert.Equal("Datastore-datastore-4", Server.Published[^1].Datastore);
    }

    [Fact]
    public void WhatIfSendsNothing()
    {
        Assert.Empty(shell.Run("Publish-P2VHelperImage ds1 -WhatIf").Output);
        Assert.Empty(Server.Published);
        Assert.Contains(
            shell.HostLines,
            l => l.Contains("ds1 (vc01)", StringComparison.Ordinal) && l.Contains(image, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void TheImagesOfADatastoreAreRecognisedByTheirHash()
    {
        shell.Run("Publish-P2VHelperImage ds1");
        var images = shell.Run("Get-P2VHelperImage -Datastore *").Output.Select(o => (P2VHelperImage)o.BaseObject).ToList();
        Assert.Equal(
            [("ds2", false, "0123456789abcdef"), ("ds1", true, hash)],
            images.Select(i => (i.Datastore, i.IsCurrent == true, i.Hash))
        );
        Assert.Matches(@"linuxp2v-helper-0123456789abcdef\.iso\s+ds2\s+3\s+False", shell.Render("Get-P2VHelperImage -Datastore ds2"));
        shell.Engine.HelperImage = "";
        Assert.Null(shell.Run("Get-P2VHelperImage -Datastore ds2").Single<P2VHelperImage>().IsCurrent);
    }

    [Fact]
    public void AFolderHasNoDatastores()
    {
        shell.Run("$null = Connect-P2VServer -LocalPath /vms");
        shell.Run("Publish-P2VHelperImage ds1").Error("DestinationNotSupported");
        shell.Run("Publish-P2VHelperImage ds1 -Server vc01").Single<P2VHelperImage>();
        shell.Run("Publish-P2VHelperImage ds1 -Server vc01 -Path /missing.iso").Error("HelperImageMissing");
    }
}
