using LinuxP2V.Engine.Inspection;
using LinuxP2V.Lab;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Windows.Tests.Support;

namespace LinuxP2V.Windows.Tests;

[Collection(WindowsTestGroup.Name)]
public sealed class SourceTests(SourceRuns source) : IClassFixture<SourceRuns>
{
    [SkippableFact]
    public void It_is_PowerShell_7_on_Windows_10() =>
        source.Runs.Judge(
            "shell",
            step =>
            {
                Assert.StartsWith("7.", step["Version"], StringComparison.Ordinal);
                Assert.Equal(("True", "10"), (step["IsWindows"], step["Major"]));
            }
        );

    [SkippableFact]
    public void Module_imports_with_every_cmdlet() =>
        source.Runs.Judge(
            "import",
            step =>
            {
                var documented = Directory
                    .GetFiles(Path.Combine(LabPaths.Repository, "docs", "cmdlets"), "*-*.md")
                    .Select(Path.GetFileNameWithoutExtension);
                Assert.Equal(
                    documented.Order(),
                    step.Value.GetProperty("Commands").EnumerateArray().Select(name => name.GetString()).Order()
                );
            }
        );

    [SkippableFact]
    public void New_user_has_no_conversions() =>
        source.Runs.Judge(
            "no conversions",
            step =>
            {
                step.Succeeded();
                Assert.Empty(step.Output);
            }
        );

    [SkippableFact]
    public void Unknown_host_key_is_refused() =>
        source.Runs.Judge("unknown host key", step => step.FailedWith(ErrorIds.SourceHostKeyUnknown));

    [SkippableFact]
    public async Task Source_is_read_by_key()
    {
        var kernel = (await Command.RunAsync("uname", ["-r"], CancellationToken.None)).Output.Trim();
        source.Runs.Judge(
            "by key",
            step =>
            {
                Assert.Equal(
                    (Environment.MachineName, kernel, "True", "None"),
                    (step["Name"], step["Kernel"], step["IsRoot"], step["Elevation"])
                );
                Assert.Contains(Environment.MachineName, step["View"], StringComparison.Ordinal);
            }
        );
    }

    [SkippableFact]
    public async Task Accepted_host_key_is_kept_in_the_profile()
    {
        IsThisMachine("known host key");
        var found = await Command.RunAsync(
            "ssh-keygen",
            ["-l", "-F", $"[127.0.0.1]:{source.Port}", "-f", source.KnownHosts],
            CancellationToken.None
        );
        Assert.Contains(source.Fingerprint, found.OrThrow("No host key was kept").Output, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("crlf")]
    [InlineData("bom-crlf")]
    [InlineData("utf16")]
    public void Key_file_is_taken_as_Windows_programs_save_it(string form) => IsThisMachine($"key file, {form}");

    [SkippableFact]
    public void Key_file_with_a_passphrase_is_opened() => IsThisMachine("key file with a passphrase");

    [SkippableTheory]
    [InlineData(@".\my keys\plain")]
    [InlineData("my keys/plain")]
    [InlineData(@"~\my keys\plain")]
    [InlineData("~/my keys/plain")]
    [InlineData(@"C:my keys\plain")]
    [InlineData(@"C:<home>\my keys\plain")]
    [InlineData("C:<home>/my keys/plain")]
    [InlineData(@"<home>\my keys\plain")]
    [InlineData(@"FileSystem::C:<home>\my keys\plain")]
    public void Key_file_is_found_by_a_path_of_every_Windows_form(string path) => IsThisMachine($"key path, {path}");

    [SkippableFact]
    public void Source_is_read_by_password_and_sudo() =>
        source.Runs.Judge(
            "by password",
            step => Assert.Equal((Environment.MachineName, "True", "SudoWithPassword"), (step["Name"], step["IsRoot"], step["Elevation"]))
        );

    [SkippableFact]
    public void Wrong_password_is_told() =>
        source.Runs.Judge("wrong password", step => step.FailedWith(ErrorIds.SourceAuthenticationFailed));

    [SkippableFact]
    public void Missing_key_file_is_told_with_its_path() =>
        source.Runs.Judge(
            "missing key file",
            step => Assert.Contains(@"C:\none\key", step.FailedWith(ErrorIds.SourceKeyUnreadable).Message, StringComparison.Ordinal)
        );

    [SkippableFact]
    public void Closed_port_is_told() => source.Runs.Judge("closed port", step => step.FailedWith(ErrorIds.SourceConnectionRefused));

    [SkippableFact]
    public void Findings_are_those_of_the_engine_on_Linux()
    {
        var expected = SourceInspector
            .Inspect(source.Recorded.Facts)
            .Select(finding => $"{finding.Severity} {finding.Id} {finding.Subject}")
            .Order()
            .ToList();
        Assert.NotEmpty(expected);
        source.Runs.Judge(
            "test",
            step =>
            {
                step.Succeeded();
                Assert.Equal(expected, step.Output.Select(finding => finding.GetString()!).Order());
            }
        );
    }

    private void IsThisMachine(string step) =>
        source.Runs.Judge(step, record => Assert.Equal(Environment.MachineName, record.Value.GetString()));
}
