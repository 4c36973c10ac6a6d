using System.Text;
using LinuxP2V.Agent.Copy.Tar;

namespace LinuxP2V.Agent.Tests.Copy.Tar;

public sealed class TarNumberTests
{
    [Theory]
    [InlineData("00000000017\0", 15)]
    [InlineData("00000000017 ", 15)]
    [InlineData("000000000017", 15)]
    [InlineData("         17 ", 15)]
    [InlineData("17\0 garbage ", 15)]
    [InlineData("777777777777", 68_719_476_735)]
    [InlineData("\x80\0\0\0\0\0\0\x02\0\0\0\0", 8_589_934_592)]
    [InlineData("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", long.MaxValue)]
    [InlineData("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", -2)]
    [InlineData("\x80\0\0\0\0\0\x02\x01", 513)]
    [InlineData("\x80", 0)]
    public void Numbers_are_those_that_gnu_tar_writes(string field, long expected)
    {
        Assert.True(TarNumber.TryRead(Encoding.Latin1.GetBytes(field), out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("            ")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("0000000001x ")]
    [InlineData("-0000000001 ")]
    [InlineData("9           ")]
    [InlineData("\t0000000001 ")]
    [InlineData("\x81\0\0\0\0\0\0\0\0\0\0\x01")]
    [InlineData("\x80\0\0\x01\0\0\0\0\0\0\0\x01")]
    [InlineData("\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff")]
    [InlineData("\xff\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff")]
    [InlineData("\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff")]
    public void What_is_read_in_more_than_one_way_is_none(string field) =>
        Assert.False(TarNumber.TryRead(Encoding.Latin1.GetBytes(field), out _));
}
