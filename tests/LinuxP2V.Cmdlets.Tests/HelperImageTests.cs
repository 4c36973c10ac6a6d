using System.Security.Cryptography;
using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests;

public sealed class HelperImageTests : IDisposable
{
    private readonly TestShell _shell = new();
    private readonly string _image = Path.GetTempFileName();
    private readonly string _hash;

    public HelperImageTests()
    {
        File.WriteAllText(_image, "image");
        _hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_image)));
        _shell.Engine.HelperImage = _image;
        Assert.Empty(_shell.Run("$null = Connect-P2VServer vc01 -Credential ([pscredential]::new('u', ([System.Net.NetworkCredential]::new('', 'geheim').SecurePassword)))").Errors);
    }

    private FakeServer Server => _shell.Engine.Connections[0].Server;

    public void Dispose()
    {
        _shell.Dispose();
        File.Delete(_image);
    }

    [Fact]
    public void TheFileHasItsHash()
    {
        var image = _shell.Run("Get-P2VHelperImage").Single<P2VHelperImage>();
        Assert.Equal((_hash, _image, null, true), (image.Hash, image.Path, image.Datastore, image.IsCurrent));
        var other = Path.GetTempFileName();
        Assert.False(_shell.Run("Get-P2VHelperImage $other", ("other", other)).Single<P2VHelperImage>().IsCurrent);
        File.Delete(other);
    }

    [Fact]
    public void PublishSendsTheImageToEachDatastore()
    {
        var images = _shell.Run("Publish-P2VHelperImage ds1, ds3").Output.Select(o => (P2VHelperImage)o.BaseObject).ToList();
        Assert.Equal([("ds1", _image), ("ds3", _image)], Server.Published);
        Assert.All(images, i => Assert.Equal((_hash, true), (i.Hash, i.IsCurrent)));
        Assert.Equal($"[ds1] linuxp2v/linuxp2v-helper-{_hash[..16]}.iso", images[0].Path);
        _shell.Run("$ds | Publish-P2VHelperImage", ("ds", new FakePowerCli.InventoryItemImpl("ds4", "Datastore-datastore-4"))).Single<P2VHelperImage>();
        Assert.Equal("Datastore-datastore-4", Server.Published[^1].Datastore);
    }

    [Fact]
    public void WhatIfSendsNothing()
    {
        Assert.Empty(_shell.Run("Publish-P2VHelperImage ds1 -WhatIf").Output);
        Assert.Empty(Server.Published);
        Assert.Contains(_shell.HostLines, l => l.Contains("ds1 (vc01)", StringComparison.Ordinal) && l.Contains(_image, StringComparison.Ordinal));
    }

    [Fact]
    public void TheImagesOfADatastoreAreRecognisedByTheirHash()
    {
        _shell.Run("Publish-P2VHelperImage ds1");
        var images = _shell.Run("Get-P2VHelperImage -Datastore *").Output.Select(o => (P2VHelperImage)o.BaseObject).ToList();
        Assert.Equal([("ds2", false, "0123456789abcdef"), ("ds1", true, _hash)], images.Select(i => (i.Datastore, i.IsCurrent == true, i.Hash)));
        Assert.Matches(@"linuxp2v-helper-0123456789abcdef\.iso\s+ds2\s+3\s+False", _shell.Render("Get-P2VHelperImage -Datastore ds2"));
        _shell.Engine.HelperImage = "";
        Assert.Null(_shell.Run("Get-P2VHelperImage -Datastore ds2").Single<P2VHelperImage>().IsCurrent);
    }

    [Fact]
    public void AFolderHasNoDatastores()
    {
        _shell.Run("$null = Connect-P2VServer -LocalPath /vms");
        _shell.Run("Publish-P2VHelperImage ds1").Error("DestinationNotSupported");
        _shell.Run("Publish-P2VHelperImage ds1 -Server vc01").Single<P2VHelperImage>();
        _shell.Run("Publish-P2VHelperImage ds1 -Server vc01 -Path /missing.iso").Error("HelperImageMissing");
    }
}
