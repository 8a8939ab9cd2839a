"""Names of columns in both languages that mean the same, and units that can be turned into one another.

Small on purpose: general words that columns of many sectors share. A name that is not here is compared as it is written.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from leaderboard.terms.forms import snake

_NAMES: Final[tuple[tuple[str, ...], ...]] = (
    ("id", "identifier", "record_id", "key", "编号", "标识", "唯一标识", "序号"),
    ("name", "full_name", "姓名", "名称", "名字"),
    ("age", "年龄"),
    ("gender", "sex", "性别"),
    ("birth_date", "date_of_birth", "dob", "birthday", "出生日期", "生日"),
    ("time", "timestamp", "datetime", "date_time", "时间", "时间戳", "采集时间", "日期时间"),
    ("date", "day", "日期"),
    ("start_time", "begin_time", "开始时间", "起始时间"),
    ("end_time", "finish_time", "结束时间", "终止时间"),
    ("latitude", "lat", "纬度"),
    ("longitude", "lon", "lng", "经度"),
    ("altitude", "height", "elevation", "高度", "海拔"),
    ("speed", "velocity", "速度", "车速"),
    ("heading", "course", "direction", "航向", "方向"),
    ("address", "地址"),
    ("city", "城市"),
    ("province", "state", "省份", "省"),
    ("country", "国家"),
    ("postcode", "zip", "zip_code", "邮编", "邮政编码"),
    ("price", "unit_price", "价格", "单价"),
    ("amount", "total", "金额", "总额"),
    ("quantity", "count", "number", "数量", "个数"),
    ("currency", "币种", "货币"),
    ("product", "item", "goods", "产品", "商品"),
    ("category", "class", "type", "类别", "分类", "类型"),
    ("label", "tag", "annotation", "标签", "标注"),
    ("text", "content", "body", "文本", "内容", "正文"),
    ("title", "标题"),
    ("language", "lang", "语言", "语种"),
    ("image", "picture", "photo", "图像", "图片", "照片"),
    ("audio", "sound", "speech", "音频", "语音"),
    ("video", "视频"),
    ("transcript", "transcription", "转写", "转写文本"),
    ("speaker", "说话人"),
    ("dialect", "accent", "方言", "口音"),
    ("temperature", "temp", "温度", "气温"),
    ("humidity", "湿度"),
    ("pressure", "压力", "气压"),
    ("wind_speed", "风速"),
    ("rainfall", "precipitation", "降水量", "降雨量"),
    ("voltage", "电压"),
    ("current", "电流"),
    ("power", "功率"),
    ("energy", "electricity", "电量", "能耗", "用电量"),
    ("load", "负荷"),
    ("frequency", "频率"),
    ("device", "device_id", "sensor", "设备", "设备编号", "传感器"),
    ("fault", "defect", "fault_type", "故障", "缺陷", "故障类型"),
    ("status", "state_code", "状态"),
    ("diagnosis", "诊断", "诊断结果"),
    ("symptom", "症状"),
    ("medicine", "drug", "medication", "药品", "药物"),
    ("dose", "dosage", "剂量"),
    ("blood_pressure", "血压"),
    ("heart_rate", "pulse", "心率"),
    ("income", "salary", "收入", "工资"),
    ("score", "rating", "grade", "评分", "分数", "得分"),
    ("review", "comment", "评论", "评价"),
    ("phone", "mobile", "telephone", "电话", "手机", "手机号"),
    ("email", "e_mail", "邮箱", "电子邮件"),
    ("company", "enterprise", "organization", "公司", "企业", "单位"),
    ("yield", "output", "产量"),
    ("crop", "作物", "农作物"),
    ("vehicle", "car", "车辆"),
    ("plate", "license_plate", "车牌", "车牌号"),
    ("flight", "flight_number", "航班", "航班号"),
    ("source", "来源"),
)
CONCEPTS: Final[Mapping[str, str]] = MappingProxyType({name: names[0] for names in _NAMES for name in names})
"""A name as `snake` gives it → the first name of its meaning."""

_UNITS: Final[tuple[tuple[str, ...], ...]] = (
    ("mm", "cm", "m", "km", "ft", "mi", "毫米", "厘米", "米", "公里", "千米", "英尺", "英里"),
    ("mg", "g", "kg", "t", "lb", "毫克", "克", "千克", "公斤", "吨"),
    ("ms", "s", "min", "h", "d", "毫秒", "秒", "分钟", "小时", "天"),
    ("m/s", "km/h", "kn", "mph", "米/秒", "公里/小时", "节"),
    ("°c", "℃", "°f", "k", "摄氏度", "华氏度"),
    ("pa", "hpa", "kpa", "mpa", "bar", "帕", "百帕", "千帕"),
    ("w", "kw", "mw", "gw", "瓦", "千瓦", "兆瓦"),
    ("wh", "kwh", "mwh", "gwh", "千瓦时", "度", "兆瓦时"),
    ("v", "kv", "mv", "伏", "千伏"),
    ("a", "ma", "ka", "安", "毫安"),
    ("hz", "khz", "mhz", "赫兹"),
    ("%", "percent", "百分比", "share"),
    ("m2", "km2", "ha", "mu", "平方米", "平方公里", "公顷", "亩"),
    ("l", "ml", "m3", "升", "毫升", "立方米"),
    ("cny", "rmb", "yuan", "元", "万元", "亿元"),
    ("year", "years", "岁", "年"),
)
DIMENSIONS: Final[Mapping[str, int]] = MappingProxyType({unit: at for at, units in enumerate(_UNITS) for unit in units})
"""A unit in small letters → the number of what it measures; units of one number can be turned into one another."""


def concept(name: str) -> str:
    """The meaning of a column's name, else the name itself in one writing.

    >>> concept("采集时间") == concept("Timestamp"), concept("Rotor Speed")
    (True, 'rotor_speed')
    """
    written = snake(name)
    return CONCEPTS.get(written, written)
