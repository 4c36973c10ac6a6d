using System.Globalization;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab;
using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Processes;
using LinuxP2V.Lab.VSphere;

namespace LinuxP2V.EndToEnd.Tests.Many;

/// <summary>
/// The example script with a CSV file of five machines and a simulated vCenter, as <see cref="ManyConversionsTests"/> has
/// it. What the shell shows is left in out/wave/transcript.txt, from which docs/wave.md is made.
/// </summary>
[Trait("Area", "Conversions")]
[Trait("Run", "Full")]
public sealed class WaveTests
{
    private static readonly string[] Names = ["web01", "web02", "mail01", "files01", "old01"];
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Five_machines_of_a_CSV_file_are_converted_each_in_its_window()
    {
        using var limit = new CancellationTokenSource(Timeout);
        var folder = await FreshFolder.MakeAsync("wave");
        var state = Directory.CreateDirectory(Path.Combine(folder, "state")).FullName;
        var image = Path.Combine(folder, "helper.iso");
        await File.WriteAllTextAsync(image, "No guest boots it.");
        var sources = new Dictionary<string, LoadSource>();
        try
        {
            foreach (var name in Names)
            {
                sources[name] = await LoadSource.StartAsync(Path.Combine(folder, name), name);
            }

            await using var lab = await VSphereLab.StartAsync(
                new VSphereLabOptions
                {
                    // Made here, so that it is still there for whoever looks for the cause of a failure.
                    Folder = Directory.CreateDirectory(Path.Combine(folder, "vsphere")).FullName,
                    WithoutQemu = true,
                    AgentCommand = LoadSource.Script("agent.sh"),
                    Datastores = ["ds1=50", "ds2=50"],
                }
            );
            // One machine waits for its window, and the window of another is over before it is copied.
            var begin = DateTime.Now.AddMinutes(2);
            await File.WriteAllLinesAsync(
                Path.Combine(folder, "wave.csv"),
                [
                    "ComputerName,Port,KeyFile,Name,VMHost,NetworkName,SkipReconfiguration,"
                        + "NumCpu,MemoryGB,Datastore,CutoverAt,CutoverUntil",
                    Row("web01", "2,2,ds1,,"),
                    Row("web02", "2,2,ds2,,"),
                    Row("mail01", "1,4,ds1,,"),
                    Row("files01", $"1,1,ds2,{Time(begin)},"),
                    Row("old01", $"1,1,ds1,,{Time(DateTime.Now.AddDays(-1))}"),
                ],
                limit.Token
            );
            var shown = await Command.RunAsync(
                LabPaths.PowerShell,
                [
                    "-NoLogo",
                    "-NoProfile",
                    "-NonInteractive",
                    "-File",
                    Path.Combine(LabPaths.Repository, "tests", "LinuxP2V.EndToEnd.Tests", "Many", "run-wave.ps1"),
                    "-Folder",
                    folder,
                    .. ScriptConversion.ServerParameters(lab),
                ],
                limit.Token,
                ScriptConversion.Password(lab),
                new Dictionary<string, string>(LabEnvironment.For(state)) { ["LINUXP2V_HELPER_IMAGE"] = image }
            );
            await File.WriteAllTextAsync(Path.Combine(folder, "transcript.txt"), shown.Output + shown.Error, limit.Token);
            shown.OrThrow("The wave failed");

            Environment.SetEnvironmentVariable(StateFolder.OverrideVariable, state);
            var conversions = ConversionManager.ForUser().List().ToDictionary(c => c.Task.Name);
            Assert.Equal(Names.Order(), conversions.Keys.Order());
            Assert.All(Names, name => Assert.Equal(ConversionState.Completed, conversions[name].State));
            // The script leaves old01 out, as its window is over; run-wave.ps1 then completes it by hand.
            Assert.Contains("The window of old01 is over", shown.Output + shown.Error, StringComparison.Ordinal);
            Assert.True(conversions["files01"].CompletedAt >= new DateTimeOffset(begin.AddSeconds(-begin.Second)));
            Assert.True(conversions["web01"].CompletedAt < conversions["files01"].CompletedAt);

            var vms = await lab.Control.StateAsync(limit.Token);
            foreach (var (name, source) in sources)
            {
                Assert.Equal(source.Tree, await LoadSource.TreeOfCopyAsync(vms.Vm(name)));
            }

            var report = await File.ReadAllTextAsync(Path.Combine(folder, "wave.html"), limit.Token);
            Assert.All(Names, name => Assert.Contains(name, report, StringComparison.Ordinal));
        }
        finally
        {
            foreach (var source in sources.Values)
            {
                await source.DisposeAsync();
            }
        }

        string Row(string name, string rest) =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"127.0.0.1,{sources[name].Endpoint.Port},{sources[name].KeyFile},{name},Cluster1,VM Network,yes,{rest}"
            );
    }

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
