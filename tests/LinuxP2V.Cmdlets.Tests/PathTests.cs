using System.Management.Automation;
using System.Text;
using LinuxP2V.Cmdlets.Tests.Support;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>Files and folders that users name: each that cannot be used gets its cause and a remedy.</summary>
public sealed class PathTests : IDisposable
{
    private readonly TestShell shell = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("linuxp2v-test");

    public PathTests() => shell.PrepareTask();

    public void Dispose()
    {
        shell.Dispose();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("none/log.zip", "does not exist")]
    [InlineData("none/", "does not exist")]
    [InlineData("file/log.zip", "is a file where a folder is needed")]
    [InlineData("a\0b", "no valid path")]
    public void ALogThatCannotBeWrittenIsExplained(string path, string cause)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "file"), "");
        var error = Export(Path.Combine(folder.FullName, path)).Error("FileNotAccessible");
        Assert.Contains(cause, error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("-Path", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OpenError, error.CategoryInfo.Category);
    }

    [Fact]
    public void ALogOfTooLongANameIsExplained() =>
        Assert.Contains(
            "too long",
            Export(Path.Combine(folder.FullName, new string('a', 300))).Error("FileNotAccessible").ErrorDetails.Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void OneFileTakesTheLogOfOneConversion()
    {
        var file = Path.Combine(folder.FullName, "log.zip");
        var result = shell.Run(
            "$task | Start-P2VConversion | Out-Null; $task | Start-P2VConversion | Out-Null; "
                + "Get-P2VConversion | Export-P2VLog -Path $file -Force",
            ("file", file)
        );
        Assert.Single(result.Output);
        Assert.Contains("a folder as -Path", result.Error("FileExists").ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsToBeReplacedStaysWhereTheNewOneFails()
    {
        // The name has room for itself, but not for the one that the new file has while it is written.
        var file = Path.Combine(folder.FullName, new string('a', 250));
        File.WriteAllText(file, "old");
        Assert.NotEmpty(Export(file, "-Force").Errors);
        Assert.Equal("old", File.ReadAllText(file));
        Assert.Single(Directory.GetFiles(folder.FullName));
    }

    [Theory]
    [InlineData("Get-P2VHelperImage Env:\\PATH")]
    [InlineData("$conversion | Export-P2VLog -Path Variable:\\x")]
    [InlineData("Connect-P2VServer -LocalPath Function:\\x")]
    [InlineData("Get-P2VSource web01 -KeyFile Env:\\KEY")]
    public void APathOfAnotherProviderIsRefused(string command)
    {
        var error = Run(command).Error("FileNotAccessible");
        Assert.Contains("provider", error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AHelperImageThatCannotBeReadIsExplained()
    {
        var file = Path.Combine(folder.FullName, "helper.iso");
        File.WriteAllText(file, "iso");
        using var held = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Contains(
            "another program has it open",
            Run($"Get-P2VHelperImage '{file}'").Error("FileNotAccessible").ErrorDetails.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void AKeyFileThatIsAFolderIsExplained() =>
        Assert.Contains(
            "it is a folder",
            Run($"Get-P2VSource web01 -KeyFile '{folder.FullName}'").Error("SourceKeyUnreadable").ErrorDetails.Message,
            StringComparison.Ordinal
        );

    public static TheoryData<string> Encodings => ["utf-8", "utf-8 bom", "utf-16", "utf-16BE", "utf-32"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void KeyFilesOfEveryEditorAreRead(string encoding)
    {
        const string Key = "-----BEGIN OPENSSH PRIVATE KEY-----\r\nAAAA\r\n-----END OPENSSH PRIVATE KEY-----\r\n";
        Encoding used = encoding switch
        {
            "utf-8" => new UTF8Encoding(false),
            "utf-8 bom" => new UTF8Encoding(true),
            _ => Encoding.GetEncoding(encoding),
        };
        File.WriteAllText(Path.Combine(folder.FullName, "key"), Key, used);
        foreach (var path in new[] { $"{folder.FullName}/key", "./key", "key", $"{folder.FullName}/../{folder.Name}/key" })
        {
            var result = Run(
                $"$null = $ExecutionContext.SessionState.Path.SetLocation('{folder.FullName}'); Get-P2VSource keyed -KeyFile '{path}'"
            );
            Assert.Empty(result.Errors);
            Assert.Equal(Key, shell.Engine.Reads.First(r => r.Query.Host == "keyed").Secrets.PrivateKey);
            shell.Engine.Reads.Clear();
        }
    }

    [Theory]
    [InlineData("web01:port")]
    [InlineData("web01:0")]
    [InlineData("web01:65536")]
    [InlineData("web01:")]
    [InlineData("web01::22:")]
    [InlineData("[::1]x")]
    [InlineData("[::1]:")]
    [InlineData("web 01")]
    [InlineData("@web01")]
    [InlineData("root@")]
    [InlineData(" @web01")]
    [InlineData("ssh://web01")]
    public void WhatIsNoAddressOfASourceIsSaidSo(string address)
    {
        var errors = shell
            .Run(
                $"Get-P2VSource $address {TestShell.Login}; Get-P2VSource web01 {TestShell.Login} -JumpHost $address",
                ("address", address)
            )
            .Errors;
        if (address == "web01::22:")
        {
            // More than one colon: an IPv6 address, which the name service judges.
            Assert.Empty(errors);
            return;
        }

        Assert.Equal(2, errors.Count);
        Assert.All(
            errors,
            error =>
            {
                Assert.StartsWith("SourceAddressInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
                Assert.Contains("root@web01:2222", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public void ABlankUserIsSaidSo() => Run($"Get-P2VSource web01 {TestShell.Login} -UserName ' '").Error("ParameterEmpty");

    [Theory]
    [InlineData("-ComputerName ' '")]
    [InlineData("-ComputerName web01 -JumpHost ' '")]
    [InlineData("-ComputerName web01 -KeyFile $null")]
    public void AnEmptyValueIsSaidSo(string parameters) => Assert.Single(Run($"Get-P2VSource {TestShell.Login} {parameters}").Errors);

    [Theory]
    [InlineData("vc01:port")]
    [InlineData("vc01:")]
    [InlineData("vc<01>")]
    [InlineData("vc01?x")]
    public void WhatIsNoAddressOfAServerIsSaidSo(string address) =>
        shell.Run($"Connect-P2VServer $address {TestShell.Login}", ("address", address)).Error("ServerUnreachable");

    [Theory]
    [InlineData("1e20")]
    [InlineData("9999999999")]
    [InlineData("-1")]
    [InlineData("'much'")]
    public void AVolumeSizeThatNoDiskHasIsSaidSo(string size) =>
        Run($"Get-P2VSource web01 {TestShell.Login} | New-P2VTask -VolumeSize @{{ '/' = {size} }}").Error("PlanNotPossible");

    private TestShell.Result Export(string path, string more = "") =>
        shell.Run($"$conversion = $task | Start-P2VConversion; $conversion | Export-P2VLog -Path $path {more}", ("path", path));

    private TestShell.Result Run(string command) => shell.Run("$conversion = $task | Start-P2VConversion; " + command);
}
