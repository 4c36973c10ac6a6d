using System.Text;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using Xunit.Abstractions;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>
/// A source whose owner replaced env, update-initramfs and grub-install by programs that look for what they can get in the
/// helper, and then do their work. What they found is read out of the copy.
/// </summary>
[Trait("Area", "Failures")]
[Trait("Run", "Full")]
[Collection(SourceTestGroup.Name)]
public sealed class HostileCopyTests(SourceFixture lab, ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly string[] Programs = ["/usr/bin/env", "/usr/sbin/update-initramfs", "/usr/sbin/grub-install"];

    /// <summary>What a shell of the program itself has open: its input and output, and the script.</summary>
    private static readonly string[] Allowed = ["pipe:", "/dev/null", "/root/loot", .. Programs];

    private readonly string folder = Directory.CreateDirectory(Path.Combine(lab.Folder, "hostile")).FullName;
    private CanaryUser user = null!;

    public async Task InitializeAsync()
    {
        user = await CanaryUser.CreateAsync(lab.Source, folder);
        var script = Path.Combine(AppContext.BaseDirectory, "hostile-program.sh");
        await CanaryUser.OnSourceAsync(
            lab.Source,
            $"""
            cat > /usr/local/lib/hostile && chmod 755 /usr/local/lib/hostile || exit 1
            for program in {string.Join(' ', Programs)}; do
              mv "$program" "$program.real" && cp /usr/local/lib/hostile "$program" || exit 1
            done
            """,
            await File.ReadAllTextAsync(script)
        );
    }

    public async Task DisposeAsync()
    {
        await QemuMachine.KillAllBelowAsync(folder);
        await CanaryUser.OnSourceAsync(
            lab.Source,
            $"""
            for program in {string.Join(' ', Programs)}; do mv "$program.real" "$program"; done
            rm -f /usr/local/lib/hostile /root/loot
            """,
            ""
        );
        await user.RemoveAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Its_programs_find_the_copy_and_nothing_else()
    {
        var source = await SourceDiscovery.ReadAsync(
            lab.Options(CanaryUser.Name),
            user.Secrets,
            NullConsole.Instance,
            CancellationToken.None
        );
        var run = new EngineRun(folder);
        var id = run.Manager.Create(run.Plan(source, "hostile")).Id;

        var conversion = await run.DriveToEndAsync(id, user.Secrets, TimeSpan.FromMinutes(25));
        Assert.True(conversion.State == ConversionState.Completed, conversion.Error?.ToString());

        var copy = await ConvertedMachine.StartAsync(
            conversion.Location!,
            lab.Source.KeyFile,
            Path.Combine(folder, "proof"),
            CancellationToken.None
        );
        string loot;
        try
        {
            await copy.WaitForSshAsync(CancellationToken.None);
            loot = (await copy.Root.RunAsync("cat /root/loot", CancellationToken.None)).OrThrow("The loot was not read").Output;
        }
        finally
        {
            await copy.StopAsync();
        }

        output.WriteLine(loot);
        // It ran, as each of the three where the reconfiguration uses it, and could look around.
        Assert.Contains("== /usr/sbin/update-initramfs", loot, StringComparison.Ordinal);
        Assert.Contains("== /usr/sbin/grub-install", loot, StringComparison.Ordinal);
        Assert.All(user.Canaries, canary => Assert.False(canary.IsIn(Encoding.Latin1.GetBytes(loot)), canary.What));
        var lines = loot.Split('\n');
        Assert.DoesNotContain(lines, line => line.StartsWith("got out", StringComparison.Ordinal));
        Assert.DoesNotContain("linuxp2v-agent", loot, StringComparison.Ordinal);
        Assert.DoesNotContain("ssh-agent", loot, StringComparison.Ordinal);
        Assert.All(
            lines.Where(line => line.StartsWith("interface ", StringComparison.Ordinal)),
            line => Assert.Equal("interface lo", line)
        );
        Assert.All(
            lines.Where(line => line.StartsWith("descriptor ", StringComparison.Ordinal)),
            line => Assert.Contains(Allowed, allowed => line.Split(' ', 3)[2].StartsWith(allowed, StringComparison.Ordinal))
        );
    }
}
