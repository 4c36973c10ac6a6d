using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;
using static System.Environment;

namespace LinuxP2V.Engine.Tests.Files;

public sealed class UserFoldersTests
{
    private const string Profile = @"C:\Users\ada";

    [Fact]
    public void On_Windows_all_lies_in_the_profile_and_in_ProgramData()
    {
        var folders = Windows(Profile);
        Assert.Equal(Path.Combine(Profile + @"\AppData\Local", "LinuxP2V"), folders.State);
        Assert.Equal(Path.Combine(Profile, ".ssh", "known_hosts"), folders.KnownHosts);
        Assert.Equal(Path.Combine(@"C:\ProgramData", "ssh", "ssh_known_hosts"), folders.MachineKnownHosts);
    }

    [Fact]
    public void On_Linux_all_lies_in_the_home_and_in_etc()
    {
        var folders = Linux("/home/ada");
        Assert.Equal("/home/ada/.local/state/linuxp2v", folders.State);
        Assert.Equal("/home/ada/.ssh/known_hosts", folders.KnownHosts);
        Assert.Equal("/etc/ssh/ssh_known_hosts", folders.MachineKnownHosts);
        Assert.Equal("/xdg/linuxp2v", Linux("/home/ada", ("XDG_STATE_HOME", "/xdg")).State);
    }

    [Theory]
    [InlineData("")]
    [InlineData("state")]
    [InlineData("../state")]
    public void A_relative_XDG_folder_is_passed_over(string xdg) =>
        Assert.Equal("/home/ada/.local/state/linuxp2v", Linux("/home/ada", ("XDG_STATE_HOME", xdg)).State);

    [Fact]
    public void A_chosen_state_folder_wins_and_holds_the_known_hosts_of_an_account_without_a_home()
    {
        Assert.Equal("/srv/p2v", Linux("/home/ada", (UserFolders.StateVariable, "/srv/p2v")).State);
        Assert.Equal("/home/ada/.ssh/known_hosts", Linux("/home/ada", (UserFolders.StateVariable, "/srv/p2v")).KnownHosts);
        Assert.Equal("/srv/p2v/known_hosts", Linux("", (UserFolders.StateVariable, "/srv/p2v")).KnownHosts);
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(false, "home/ada")]
    [InlineData(true, "")]
    [InlineData(true, @"\Users\ada")]
    [InlineData(true, @"Users\ada")]
    public void An_account_without_a_profile_is_told_of_the_variable_and_nothing_lands_in_the_current_folder(bool isWindows, string profile)
    {
        var folders = isWindows ? Windows(profile) : Linux(profile);
        foreach (var ask in new Func<string>[] { () => folders.State, () => folders.KnownHosts })
        {
            var error = Assert.Throws<P2VException>(ask);
            Assert.Equal(ErrorIds.StateNotAccessible, error.ErrorId);
            Assert.Contains("LINUXP2V_STATE", error.Remedy);
        }
    }

    [Fact]
    public void Without_ProgramData_there_are_no_known_hosts_of_the_machine() =>
        Assert.Null(new UserFolders(true, _ => null, _ => "").MachineKnownHosts);

    [Theory]
    [InlineData(false, "/srv\0p2v")]
    [InlineData(false, "state")]
    [InlineData(false, "~/state")]
    [InlineData(false, " ")]
    [InlineData(true, "state")]
    [InlineData(true, @"\state")]
    [InlineData(true, "C:state")]
    [InlineData(true, "C:")]
    [InlineData(true, "%APPDATA%")]
    public void A_state_variable_that_is_no_full_path_is_named(bool isWindows, string chosen)
    {
        var folders = isWindows ? Windows(Profile, (UserFolders.StateVariable, chosen)) : Linux("", (UserFolders.StateVariable, chosen));
        foreach (var ask in isWindows ? [() => folders.State] : new Func<string>[] { () => folders.State, () => folders.KnownHosts })
        {
            var error = Assert.Throws<P2VException>(ask);
            Assert.Equal(ErrorIds.StateNotAccessible, error.ErrorId);
            Assert.Contains(chosen.Replace("\0", "\\x00", StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
            Assert.Contains("LINUXP2V_STATE", error.Remedy, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(@"D:\p2v")]
    [InlineData("D:/p2v")]
    [InlineData(@"\\nas\p2v")]
    [InlineData("//nas/p2v")]
    public void Every_full_path_of_Windows_can_hold_the_state(string chosen) =>
        Assert.EndsWith(chosen.TrimStart('/'), Windows(Profile, (UserFolders.StateVariable, chosen)).State, StringComparison.Ordinal);

    private static UserFolders Windows(string profile, params (string Name, string Value)[] variables) =>
        new(
            true,
            name => variables.FirstOrDefault(v => v.Name == name).Value,
            place =>
                place switch
                {
                    SpecialFolder.UserProfile => profile,
                    SpecialFolder.LocalApplicationData => profile.Length == 0 ? "" : profile + @"\AppData\Local",
                    SpecialFolder.CommonApplicationData => @"C:\ProgramData",
                    _ => throw new ArgumentOutOfRangeException(nameof(place)),
                }
        );

    private static UserFolders Linux(string home, params (string Name, string Value)[] variables) =>
        new(
            false,
            name => variables.FirstOrDefault(v => v.Name == name).Value,
            place => place == SpecialFolder.UserProfile ? home : throw new ArgumentOutOfRangeException(nameof(place))
        );
}
